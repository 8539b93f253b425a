//! What there is to grab around a selected part, and how it looks.

use super::placement::{Place, Placement, point};
use crate::document::tools::{OutlineKind, Overlay};

/// How far from a handle's middle a press takes it, in physical screen pixels.
const REACH_PX: f64 = 9.0;
/// From the upper side to the handle that turns, in physical screen pixels.
const STALK_PX: f64 = 28.0;
/// Around a small part the handles take no more than this share of its shorter side, so that there is a place left to
/// move it by.
const SHARE_OF_SIDE: f64 = 0.25;
/// The corners, as sides along both axes.
const CORNERS: [Place; 4] = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];

/// What a press takes hold of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Grip {
    /// The inside, which moves.
    Inside,
    /// The corner on these sides, which scales.
    Corner(Place),
    /// The handle above, which turns.
    Turn,
}

/// What lies under a place, if anything.
pub(super) fn grip_at(placement: &Placement, at: Place, px_per_mask_px: f64) -> Option<Grip> {
    let size = placement.size();
    let reach = REACH_PX / px_per_mask_px;
    let is_within = |handle: Place, reach: f64| (handle[0] - at[0]).hypot(handle[1] - at[1]) <= reach;
    if is_within(turn_handle(placement, px_per_mask_px), reach) {
        return Some(Grip::Turn);
    }
    let inside = placement.holds(at);
    // Outwards nothing competes with a corner.
    let reach = if inside { reach.min(size[0].min(size[1]) * SHARE_OF_SIDE) } else { reach };
    let corner = CORNERS.into_iter().find(|&sides| is_within(placement.corner(sides), reach));
    corner.map(Grip::Corner).or(inside.then_some(Grip::Inside))
}

/// Shows the turned rectangle and its handles.
pub(super) fn show(placement: &Placement, px_per_mask_px: f64, overlay: &mut Overlay) {
    let corners = CORNERS.map(|sides| point(placement.corner(sides)));
    let turn = point(turn_handle(placement, px_per_mask_px));
    overlay.push(OutlineKind::Guide, corners.to_vec(), true);
    overlay.push(OutlineKind::Guide, vec![point(placement.corner(top(placement))), turn], false);
    overlay.push_handles(corners.into_iter().chain([turn]));
}

/// The side that the handle stands on: the region's own upper one, or the lower one after it was turned upside down by a
/// flip.
fn top(placement: &Placement) -> Place {
    [0.0, if placement.is_upside_down() { 1.0 } else { -1.0 }]
}

fn turn_handle(placement: &Placement, px_per_mask_px: f64) -> Place {
    offset(placement.corner(top(placement)), placement.turn([0.0, -STALK_PX / px_per_mask_px]))
}

fn offset(place: Place, by: Place) -> Place {
    [place[0] + by[0], place[1] + by[1]]
}
