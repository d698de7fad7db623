// HDF5, and the constants that are macros with calls inside, which Swift cannot see.
#include <hdf5.h>

static inline hid_t maskct_h5_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t maskct_h5_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t maskct_h5_int64(void) { return H5T_NATIVE_INT64; }
// How numbers lie in a file, whatever machine writes it.
static inline hid_t maskct_h5_stored_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t maskct_h5_stored_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t maskct_h5_stored_int64(void) { return H5T_STD_I64LE; }
static inline hid_t maskct_h5_c_string(void) { return H5T_C_S1; }
static inline hid_t maskct_h5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t maskct_h5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t maskct_h5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t maskct_h5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline unsigned maskct_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned maskct_h5_truncate(void) { return H5F_ACC_TRUNC; }
static inline size_t maskct_h5_variable(void) { return H5T_VARIABLE; }
static inline herr_t maskct_h5_newest_format(hid_t access) {
  return H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
}
static inline herr_t maskct_h5_without_locks(hid_t access) { return H5Pset_file_locking(access, 0, 1); }
// No stack of errors on standard error, and no code loaded because a file names a filter. Nothing is done when the
// process ends, either: every file is closed by then, and of a damaged one HDF5 prints that it cannot close it.
static inline void maskct_h5_quiet(void) {
  H5dont_atexit();
  H5open();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
}
static inline void maskct_h5_forget(void) { H5Eclear2(H5E_DEFAULT); }
