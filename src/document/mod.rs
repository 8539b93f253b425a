//! What the user edits: the label map in copy-on-write tiles, tools and history.

mod bit_area;
mod capsule;
mod connected;
mod copy_half;
mod geometry;
mod history;
mod label_map;
mod label_set;
mod nearest_label;
mod outline;
mod painter;
mod pixel_box;
mod pixel_set;
mod polygon;
mod region;
mod snapshot;
mod symmetry;
mod timeline;
pub mod tools;

pub use copy_half::copy_half;
pub use geometry::{Point, Rect};
pub use history::{ChangeKind, History, HistoryBytesError, HistoryEntry};
pub use label_map::{LabelMap, TILE_SIDE_PX};
pub use label_set::{LabelSet, PaintRules};
pub use nearest_label::fill_with_nearest;
pub use pixel_set::PixelSet;
pub use region::Region;
pub use snapshot::{LatentBlend, LatentPin, LatentState, Snapshot};
pub use symmetry::{MirrorAxis, Side};
pub use timeline::{Ease, Keyframe, Look, MAX_KEYFRAMES, TIMELINE_RANGE_S, Timeline};
