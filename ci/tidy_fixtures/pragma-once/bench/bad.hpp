// Guarded the old way.
#ifndef BAD_HPP
#define BAD_HPP
#endif
