// The kernels compiled for any CPU: the reference that the others are tested against.

#include "kernels.h"

#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if !defined(__FMA__) && !defined(__aarch64__)
#define MCT_NO_FMA
#endif

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


const mct_table mct_portable = {"portable", forward, attenuate, noise, aperture, intersect,
                                layers, correct, rebin, filter, transform, pack, backproject};
