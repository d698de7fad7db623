#ifndef PINNED_PACKAGES_H
#define PINNED_PACKAGES_H

#include <stddef.h>

/// The bytes of requirements.txt: every package of the managed Python environment, with its hashes.
const unsigned char *pinned_packages_text(void);
/// How many bytes there are.
size_t pinned_packages_size(void);

#endif
