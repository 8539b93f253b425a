//! The square of a photograph that becomes the picture.

use image::imageops;
use image::{Rgb, RgbImage, RgbaImage};

use crate::data::square;

/// A frame is at least so wide, in pixels of the photo.
pub const FRAME_SIDE_MIN_PX: f32 = 16.0;
/// A frame is at most so many times as wide as the photo's longer side.
const SIDE_MAX: f32 = 2.0;
/// What transparent pixels lie on.
const PAPER: u32 = 255;

/// A square on a photo, in its pixels from the top left. It may reach beyond the photo, but its middle lies on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Framing {
    /// Left side.
    pub x: f32,
    /// Upper side.
    pub y: f32,
    /// Width and height.
    pub side: f32,
}

impl Framing {
    /// The whole photo, in the middle; more than it where it is smaller than a frame may be.
    pub fn whole(width: u32, height: u32) -> Self {
        let side = (width.max(height) as f32).max(FRAME_SIDE_MIN_PX);
        Self { x: (width as f32 - side) / 2.0, y: (height as f32 - side) / 2.0, side }
    }

    /// Where a head is in a photograph of a person: in the middle of the upper part.
    pub fn head(width: u32, height: u32) -> Self {
        let side = width.min(height) as f32;
        let side = if height > width { side * 0.8 } else { side };
        Self { x: (width as f32 - side) / 2.0, y: 0.0, side }
    }

    /// Further right and down by pixels of the photo.
    #[must_use]
    pub fn moved(self, [x, y]: [f32; 2]) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }
    }

    /// Larger by the factor; the middle stays.
    #[must_use]
    pub fn scaled(self, factor: f32) -> Self {
        let side = (self.side * factor).max(FRAME_SIDE_MIN_PX);
        let by = (self.side - side) / 2.0;
        Self { x: self.x + by, y: self.y + by, side }
    }

    /// The nearest frame that a photo can have; the whole photo instead of what is no number.
    #[must_use]
    pub fn within(self, width: u32, height: u32) -> Self {
        if ![self.x, self.y, self.side].iter().all(|value| value.is_finite()) {
            return Self::whole(width, height);
        }
        let most = (SIDE_MAX * width.max(height) as f32).max(FRAME_SIDE_MIN_PX);
        let side = self.side.clamp(FRAME_SIDE_MIN_PX, most);
        let middle = |from: f32, length: u32| (from + self.side / 2.0).clamp(0.0, length as f32);
        Self { x: middle(self.x, width) - side / 2.0, y: middle(self.y, height) - side / 2.0, side }
    }

    /// What is in the frame, `side_px` wide and high. Outside the photo its edges go on, as when a data set's photos are
    /// padded.
    pub fn cut(self, photo: &RgbaImage, side_px: u32) -> RgbImage {
        let side_px = side_px.max(1);
        let (width, height) = photo.dimensions();
        if width == 0 || height == 0 {
            return RgbImage::from_pixel(side_px, side_px, Rgb([u8::MAX; 3]));
        }
        let frame = self.within(width, height);
        let columns = Overlap::new(frame.x, frame.side, width, side_px);
        let rows = Overlap::new(frame.y, frame.side, height, side_px);
        let part = imageops::crop_imm(photo, columns.from, rows.from, columns.length, rows.length).to_image();
        let part = square::resize(&on_paper(&part), columns.to_length, rows.to_length);
        square::continued(&part, [columns.to, rows.to], side_px)
    }
}

/// Where frame and photo lie over each other along an axis.
struct Overlap {
    /// In the photo.
    from: u32,
    length: u32,
    /// In the result.
    to: u32,
    to_length: u32,
}

impl Overlap {
    fn new(start: f32, side: f32, photo: u32, result: u32) -> Self {
        let from = start.max(0.0).round().min(photo as f32 - 1.0);
        let end = (start + side).min(photo as f32).round().max(from + 1.0);
        let scale = result as f32 / side;
        let to = ((from - start) * scale).round().clamp(0.0, result as f32 - 1.0);
        let to_end = ((end - start) * scale).round().clamp(to + 1.0, result as f32);
        Self { from: from as u32, length: (end - from) as u32, to: to as u32, to_length: (to_end - to) as u32 }
    }
}

fn on_paper(photo: &RgbaImage) -> RgbImage {
    let blend = |channel: u8, alpha: u32| ((u32::from(channel) * alpha + PAPER * (255 - alpha)) / 255) as u8;
    RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
        let [red, green, blue, alpha] = photo.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|channel| blend(channel, u32::from(alpha))))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::Rgba;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_frame_cuts_what_it_shows() {
        let photo = RgbaImage::from_fn(40, 60, |x, y| {
            Rgba(if (10..30).contains(&x) && (20..40).contains(&y) { [200, 0, 0, 255] } else { [0, 0, 90, 255] })
        });
        let cut = Framing { x: 10.0, y: 20.0, side: 20.0 }.cut(&photo, 8);
        assert!(cut.pixels().all(|pixel| pixel.0 == [200, 0, 0]));
        let whole = Framing::whole(40, 60).cut(&photo, 60);
        assert_eq!(whole.get_pixel(0, 30).0, [0, 0, 90]);
        assert_eq!(whole.get_pixel(30, 30).0, [200, 0, 0]);
    }

    #[test]
    fn beyond_the_photo_its_edges_go_on_and_transparency_is_paper() {
        let photo = RgbaImage::from_fn(20, 40, |x, _| Rgba(if x < 10 { [250, 0, 0, 255] } else { [0, 0, 250, 0] }));
        let cut = Framing::whole(20, 40).cut(&photo, 40);
        assert_eq!((cut.get_pixel(0, 5).0, cut.get_pixel(39, 5).0), ([250, 0, 0], [255; 3]));
    }

    proptest! {
        #[test]
        fn any_frame_on_any_photo_gives_a_picture(
            x: f32, y: f32, side: f32, width in 1u32..70, height in 1u32..70, near in -90.0f32..90.0, size in 0.0f32..150.0,
        ) {
            let photo = RgbaImage::from_pixel(width, height, Rgba([7, 8, 9, 255]));
            for frame in [Framing { x, y, side }, Framing { x: near, y: -near, side: size }] {
                for frame in [frame, frame.scaled(x), frame.moved([y, side])] {
                    let within = frame.within(width, height);
                    prop_assert!(within.side >= FRAME_SIDE_MIN_PX && within.x.is_finite() && within.y.is_finite());
                    let middle = within.x + within.side / 2.0;
                    prop_assert!((-1e-2..=width as f32 + 1e-2).contains(&middle));
                    prop_assert!(frame.cut(&photo, 24).pixels().all(|pixel| pixel.0 == [7, 8, 9]));
                }
            }
        }
    }
}
