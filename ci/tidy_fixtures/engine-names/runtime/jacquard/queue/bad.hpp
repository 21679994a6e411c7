// Knows that relacy exists: in a comment, that is allowed.
#pragma once
#ifdef JACQUARD_UNDER_RELACY
inline int capacity = 2;
#else
inline int capacity = 512;
#endif
#if defined(__x86_64__)
#endif
#if MODEL_CHECKING
#endif
namespace jacquard::model {
struct perturbed;
}
