// The program that runs under DHAT. It counts nothing itself.
#include "ops/op.hpp"

int main(int argc, char** argv) { return jacquard::audit::ops_main(argc, argv, nullptr, nullptr); }
