// Needs <string> and does not say so.
#pragma once
inline std::string name;
