#ifndef MASKCT_KERNELS_H
#define MASKCT_KERNELS_H
#endif
