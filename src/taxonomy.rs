//! Label sets and attribute groups, read from `assets/taxonomies/*.ron`.
