// jacquard/mailbox/plain.hpp: nothing concurrent, so no card.
#pragma once
