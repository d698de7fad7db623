// The fixed kernels that benchmarks tell their times against, so that a figure means the same on a
// busy machine and on another one.

#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>

/// Runs `steps` dependent steps of twelve independent vectors of fused multiply-adds on the widest
/// vectors of this CPU.
///
/// Returns a sum, so that nothing is left out; `flops` gets the operations done.
float reference_multiply_add(long steps, double *flops);

/// Reads `count` floats once, in order, and returns their sum.
float reference_read(const float *values, size_t count);

#endif
