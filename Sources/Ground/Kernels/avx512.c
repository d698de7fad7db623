// The kernels compiled for AVX-512 (F, DQ, BW, VL).

#include "kernels.h"

#if defined(__x86_64__)
#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define MCT_AVX512
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"), min_vector_width(512))), apply_to = function)

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

const mct_table mct_avx512 = {"avx512", forward, attenuate, noise, aperture, intersect,
                              layers, correct, rebin, filter, transform, pack, backproject};
#endif
