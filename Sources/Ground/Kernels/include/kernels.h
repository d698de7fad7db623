// The inner loops of MaskCT: plain C over buffers and numbers, no files, no allocation, no threads.
//
// Every kernel exists once, in a `.inc` file written against the 16-lane vocabulary of `simd.h`, and
// is compiled for several instruction sets (`portable.c`, `avx2.c`, `avx512.c`). `mct_kernels()`
// returns the table for the best one that this CPU runs; MASKCT_SIMD=portable|avx2|avx512 forces one, and
// an unknown name is an error.
//
// One letter a dimension: V views, C channels, R rows (padded to S, a multiple of 16), P parallel
// samples, X Y Z voxels. Lengths in mm, angles in radians, attenuation in 1/mm.

#ifndef MASKCT_KERNELS_H
#define MASKCT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// A volume of attenuation (1/mm) in the gantry frame, z fastest: `mu[(y * nx + x) * stride + z]`.
///
/// The outermost ring of columns is air, `stride` is a multiple of 16 that is at least `nz + 16`, the
/// padding is zero and `mu` is aligned to 64 bytes.
typedef struct {
  const float *mu;
  int nx, ny, nz;
  size_t stride;
  double spacing_x, spacing_y, spacing_z;
  double first_x, first_y, first_z;  // gantry position of voxel (0, 0, 0)
  // Columns that are not air: for every x plane the first and last y with matter, for every y plane
  // the first and last x; first > last where a plane is empty.
  const int *y_first, *y_last;  // [nx]
  const int *x_first, *x_last;  // [ny]
} mct_volume;

/// A cylindrical detector around the source: equal steps in fan angle, rows along z.
typedef struct {
  int channels, rows;
  size_t row_stride;           // S: floats from one channel to the next
  double source_to_isocenter;  // R
  double source_to_detector;   // D
  double channel_angle;        // step of the fan angle
  double central_channel;      // channel index at fan angle 0, may be fractional
  double row_height;           // height of a row on the detector
} mct_detector;

/// One reading: the source's angle and height.
typedef struct {
  double angle, z;
} mct_view;

/// The photons of one view and the noise of the electronics.
typedef struct {
  const float *incident;  // [C] photons that reach a detector element through air
  float electronic;       // standard deviation of the electronic noise, photons
  uint32_t key[2];        // Philox key
} mct_noise;

/// What iodine adds to minus the logarithms of signal and photons, for each mm g/cm3 of it: tables over what it lies
/// behind.
typedef struct {
  // [water][bone][iodine], one entry and more beyond the largest of `mct_response` and of iodine.
  const float *signal, *photons;
  int bone_count, iodine_count;
  float water_step, bone_step, iodine_step, largest_iodine;
} mct_iodine;

/// What a detector reads of a spectrum behind water (mm) and bone (mm g/cm3), as tables.
typedef struct {
  // Minus the logarithms of signal and photons, [water][bone], one entry and more beyond the largest.
  const float *signal, *photons;
  int bone_count;
  float water_step, bone_step, largest_water, largest_bone;
  // The water that a line integral without bone stands for, from 0 on in equal steps.
  const float *water_of_line;
  int line_count;
  float line_step;
  float water_attenuation;  // of thin water, 1/mm
  mct_iodine iodine;
} mct_response;

/// The bow-tie in front of a channel: mm of water, and what the tables say of it without bone.
typedef struct {
  float water, signal, photons;
} mct_bowtie;

/// A half-space as a fan of rays sees it: `(rate + rise slope) t < room`.
typedef struct {
  double rate, rise, room;
} mct_plane;

/// A convex solid as rays see it that share their start and their path in the plane: those t where
/// `(a[0] + a[1] slope + a[2] slope²) t² + 2 (b[0] + b[1] slope) t + c < 0`, cut by planes.
typedef struct {
  double a[3], b[2], c;
  int first_plane, plane_count;  // in the fan's list of planes
} mct_convex;

/// A solid in front of those that come later in a list.
typedef struct {
  mct_convex solid;
  double value;            // of a mm of it
  double lowest, highest;  // slopes of rays that may meet it
} mct_layer;

/// Where one sample of a parallel view comes from: 4 views x 4 channels, Lagrange weights.
typedef struct {
  int view;       // offset of the first of four views, relative to the parallel view's own index
  int channel;    // first of four channels
  float view_weight[4], channel_weight[4];
} mct_rebin;

/// A filtered parallel view: `samples[P][S]` times `unit`, 1/mm².
typedef struct {
  const int16_t *samples;
  float unit;
} mct_packed_view;

/// Weighted helical back-projection onto a slab of slices.
typedef struct {
  int views_per_half;          // parallel views in half a rotation
  int samples;                 // P
  int rows;                    // R
  size_t row_stride;           // S: 32, 64 or 128
  double sample_step;          // spacing of p
  double source_to_isocenter;  // R
  double row_height;           // height of a row at the isocentre
  double feed;                 // table feed per rotation
  double first_angle, first_z; // angle and source height of parallel view 0 at p = 0
  double plateau;              // Q: |q| up to which a row has full weight
  double first_x, first_y, spacing_x, spacing_y;  // image columns in the gantry frame
  double radius;               // columns further from the axis are left alone
  double shared_extent;        // mm: columns of a square of this side share the weights of rows
} mct_backprojection;

/// Bytes of `work` that the forward projection needs per ray in the plane, that is per view and channel.
#define MCT_FORWARD_WORK 32

/// The functions of one instruction set.
typedef struct {
  const char *name;

  /// Line integrals of `views` readings: `out[V][C][S]`, Joseph's method, axial resampling once per
  /// `block` planes, at most 32, at the block's middle (1 = exact Joseph). Right for slices of any
  /// spacing; beyond its first and last slice the volume continues unchanged. Padding rows are written and
  /// hold no line integrals. `work` holds `V * C * MCT_FORWARD_WORK` bytes, aligned as floats are.
  void (*forward)(const mct_volume *, const mct_detector *, const mct_view *views, int view_count,
                  int block, void *work, float *out);

  /// `count` paths through water (mm), bone and iodine (mm g/cm3; null for none) behind a bow-tie, in
  /// place: `bones` becomes minus the logarithm of the signal, `paths` that of the photons, or the same as
  /// `bones` without noise. The count is rounded up to a vector.
  void (*attenuate)(const mct_response *, const mct_bowtie *, int noisy, int count, float *paths,
                    float *bones, const float *iodine);

  /// Line integrals `lines[C][S]` of view number `view` to noisy line integrals, in place:
  /// Poisson photons, Gaussian electronics, logarithm. S is at most 1024.
  void (*noise)(const mct_noise *, int64_t view, int channels, int rows, size_t row_stride,
                float *lines);

  /// `rays[C * factor][fine_stride]`, line integrals of `factor` by `factor` thin rays an element, to the
  /// readings `lines[C][S]`: minus the logarithms of the mean photons of an element's rays and its
  /// neighbours', by odd numbers of weights along the fan and along the rows. Overwrites `rays`.
  void (*aperture)(int factor, const float *taps, int tap_count, const float *row_taps,
                   int row_tap_count, int channels, int rows, size_t fine_stride, size_t row_stride,
                   float *rays, float *lines);

  /// Where rays of `rows` slopes enter and leave a solid; `enter` is not below `leave` where they miss
  /// it. The count is rounded up to 8.
  void (*intersect)(const mct_convex *, const mct_plane *planes, const double *slopes, int rows,
                    double *enter, double *leave);

  /// `sums[rows]`: values times distances t over all layers, each where none before it has covered the
  /// ray. The count is rounded up to 8; `work` holds 19 doubles a layer.
  void (*layers)(const mct_layer *, int count, const mct_plane *planes, const double *slopes, int rows,
                 double *work, double *sums);

  /// Minus the logarithm of the signal behind a bow-tie, in place, to the line integral of the water
  /// that it stands for.
  void (*correct)(const mct_response *, const mct_bowtie *, int count, float *lines);

  /// One parallel view `out[P][S]` of the fan views `fan[table[p].view + 0...3]`, times
  /// `row_factor[S]`, smoothed along at most 128 rows with an odd number of `taps`, at most 65.
  void (*rebin)(const mct_rebin *table, int samples, int rows, size_t row_stride,
                const float *const *fan, const float *row_factor, const float *taps, int tap_count,
                float *out);

  /// Filters 32 rows along p: `a[P][stride]` and `b[P][stride]`, 16 rows each, in place; `b` may be
  /// NULL. `work` holds `32 * n` floats, `spectrum` the n factors in the order of `transform`,
  /// `twiddle` the n complex roots of unity.
  void (*filter)(int n, const float *twiddle, const float *spectrum, int samples, size_t stride,
                 float *a, float *b, float *work);

  /// In-place forward transform of 16 lanes of n complex numbers, bit-reversed order:
  /// `work[n][2][16]`.
  void (*transform)(int n, const float *twiddle, float *work);

  /// A filtered view `in[P][S]` as `out[P][T]`: integers of at most 16383, T zero-padded. Returns their unit.
  float (*pack)(int samples, int rows, size_t row_stride, const float *in, size_t packed_stride,
                int16_t *out);

  /// Adds to `out[(y * nx + x) * z_stride + z]` (1/mm) for the tile of columns `x0..<x1`, `y0..<y1`
  /// and at most 64 `slices` from height `z0` in steps of `dz`. `views[i]` is filtered parallel view
  /// `first_view + i`.
  void (*backproject)(const mct_backprojection *, const mct_packed_view *views, int64_t first_view,
                      int view_count, int x0, int x1, int y0, int y1, double z0, double dz,
                      int slices, int nx, size_t z_stride, float *out);
} mct_table;

/// The table for the best instruction set of this CPU, or the one that MASKCT_SIMD names; NULL if it names none
/// that this CPU can run.
const mct_table *mct_kernels(void);

/// The table of that name; NULL if there is none that this CPU can run.
const mct_table *mct_kernels_named(const char *name);

/// The i-th table that this CPU can run, best last; NULL beyond the end.
const mct_table *mct_kernels_at(int i);

#endif
