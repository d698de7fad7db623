// placeholder, replaced by the first real test of the module
