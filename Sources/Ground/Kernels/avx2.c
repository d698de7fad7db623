// The kernels compiled for AVX2 and FMA.

#include "kernels.h"

#if defined(__x86_64__)
#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define MCT_AVX2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "simd.h"

#include "backproject.inc"
#include "convex.inc"
#include "filter.inc"
#include "forward.inc"
#include "noise.inc"
#include "aperture.inc"
#include "pack.inc"
#include "rebin.inc"
#include "response.inc"

#pragma clang attribute pop

const mct_table mct_avx2 = {"avx2", forward, attenuate, noise, aperture, intersect,
                            layers, correct, rebin, filter, transform, pack, backproject};
#endif
