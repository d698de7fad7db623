#include "pinned_packages.h"

// Embedded by the C compiler: as an array of bytes in Swift, a quarter of a megabyte takes a minute and a half
// to compile.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char text[] = {
#embed "requirements.txt"
};

const unsigned char *pinned_packages_text(void) { return text; }

size_t pinned_packages_size(void) { return sizeof text; }
