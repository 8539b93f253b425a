//! The brush's outline at its true size.

use eframe::egui::{Color32, Painter, Pos2, Stroke, vec2};

/// Below this radius the outline is too small to see and gets a cross.
const CROSS_BELOW: f32 = 4.0;
const CROSS_ARM: f32 = 7.0;

/// Draws the outline in the label's colour between a dark and a light ring, so that it shows on anything.
pub(super) fn paint(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    painter.circle_filled(center, radius, color.gamma_multiply(0.28));
    painter.circle_stroke(center, radius + 1.25, Stroke::new(1.0, Color32::from_black_alpha(190)));
    painter.circle_stroke(center, radius, Stroke::new(1.5, color));
    painter.circle_stroke(center, (radius - 1.25).max(0.5), Stroke::new(1.0, Color32::from_white_alpha(210)));
    if radius < CROSS_BELOW {
        cross(painter, center, radius);
    }
}

fn cross(painter: &Painter, center: Pos2, radius: f32) {
    for direction in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
        let arm = [center + direction * (radius + 3.0), center + direction * (radius + 3.0 + CROSS_ARM)];
        painter.line_segment(arm, Stroke::new(3.0, Color32::from_black_alpha(150)));
        painter.line_segment(arm, Stroke::new(1.0, Color32::WHITE));
    }
}
