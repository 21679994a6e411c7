// Says what it is first.
#pragma once
