#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use eframe::egui::Color32;
use eframe::egui_wgpu::WgpuSetupExisting;
use eframe::wgpu::naga;
use image::imageops::{self, FilterType};
use image::{Rgba, RgbaImage};
use rand::{Rng, RngExt as _, SeedableRng};
use rand_pcg::Pcg32;

use super::stage_uniforms::UNIFORM_BYTES;
use super::*;
use crate::document::LabelSet;
use crate::editor::GuidePhoto;
use crate::engine::{AGREES, Picture, StepsRun};
use crate::gpu::{Planes, TexturePass};
use crate::label_image::LabelImage;
use crate::taxonomy::{LabelId, Taxonomy};
use crate::ui::offscreen;

const CHECKER: [Color32; 2] = [Color32::from_rgb(40, 42, 44), Color32::from_rgb(90, 92, 94)];
const CHECKER_PX: f32 = 5.0;
const SCREEN: (u32, u32) = (192, 150);

fn taxonomy() -> Taxonomy {
    Taxonomy::builtin("portrait").unwrap()
}

fn look(taxonomy: &Taxonomy) -> StageLook<'_> {
    StageLook {
        taxonomy,
        mask_opacity: 1.0,
        hidden: LabelSet::EMPTY,
        solo: None,
        surround: Color32::from_rgb(20, 20, 22),
        checker: CHECKER,
    }
}

fn stage(look: &StageLook<'_>, origin_px: [f32; 2], zoom: f32) -> StageUniforms {
    StageUniforms { origin_px, zoom, ..StageUniforms::new(look, CHECKER_PX) }
}

fn noise(width: u32, height: u32, rng: &mut Pcg32) -> LabelMap {
    let n_labels = taxonomy().n_labels() as u32;
    let ids = (0..width * height).map(|_| (rng.next_u32() % n_labels) as LabelId).collect();
    LabelMap::from_image(&LabelImage::from_ids(width, height, ids).unwrap())
}

fn frame(picture: &RgbaImage) -> Arc<LiveFrame> {
    let (width, height) = picture.dimensions();
    let picture = Picture::Pixels(picture.as_raw().clone().into());
    Arc::new(LiveFrame { generation: 1, width, height, picture, steps: StepsRun::default(), render_ms: 1.0 })
}

fn only(labels: LabelMap) -> Contents {
    Contents { labels, frame: None, guide: None, obedience: None }
}

fn drawn(setup: &WgpuSetupExisting, gpu: &mut CanvasGpu, uniforms: &StageUniforms, contents: &Contents) -> RgbaImage {
    gpu.update(&setup.device, &setup.queue, contents);
    gpu.set_uniforms(&setup.queue, StageSlot::Main, uniforms);
    offscreen::picture(setup, SCREEN, |pass| gpu.draw(pass, StageSlot::Main))
}

fn canvas_gpu(setup: &WgpuSetupExisting) -> CanvasGpu {
    CanvasGpu::new(&setup.device, &setup.queue, wgpu::TextureFormat::Rgba8Unorm)
}

/// The mask pixel under the middle of a screen pixel.
fn texel(pixel: (u32, u32), uniforms: &StageUniforms, labels: &LabelMap) -> Option<(u32, u32)> {
    let at = |px: u32, axis: usize| (px as f32 + 0.5 - uniforms.origin_px[axis]) / uniforms.zoom + 1.0 / 4096.0;
    let (x, y) = (at(pixel.0, 0), at(pixel.1, 1));
    let inside = x >= 0.0 && y >= 0.0 && x < labels.width() as f32 && y < labels.height() as f32;
    inside.then_some((x as u32, y as u32))
}

fn label_rgb(taxonomy: &Taxonomy, label: LabelId) -> [u8; 3] {
    taxonomy.labels[usize::from(label)].color
}

fn close(pixel: Rgba<u8>, expected: [f32; 3], tolerance: f32) -> bool {
    (0..3).all(|channel| (f32::from(pixel.0[channel]) - expected[channel]).abs() <= tolerance)
}

#[test]
fn the_shader_is_valid_and_agrees_with_the_layout_here() {
    let module = naga::front::wgsl::parse_str(pipeline::SHADER).unwrap();
    let capabilities = naga::valid::Capabilities::empty();
    naga::valid::Validator::new(naga::valid::ValidationFlags::all(), capabilities).validate(&module).unwrap();
    let span = module.types.iter().find_map(|(_, ty)| match &ty.inner {
        naga::TypeInner::Struct { members, span } if ty.name.as_deref() == Some("Stage") => {
            assert_eq!(members.last().unwrap().offset, 96, "the palette comes after 24 numbers");
            Some(*span as usize)
        }
        _ => None,
    });
    assert_eq!(span, Some(UNIFORM_BYTES));
    let taxonomy = taxonomy();
    assert_eq!(stage(&look(&taxonomy), [0.0; 2], 1.0).to_bytes().len(), UNIFORM_BYTES);
}

#[test]
fn an_enlarged_map_has_exactly_its_labels_colours() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu, mut rng) = (taxonomy(), canvas_gpu(setup), Pcg32::seed_from_u64(1));
    for zoom in [1.0, 2.0, 7.5, 3.3, 9.75] {
        let labels = noise(16, 16, &mut rng);
        let origin = [(rng.next_u32() % 60) as f32 - 20.0, (rng.next_u32() % 50) as f32 - 20.0];
        let uniforms = stage(&look(&taxonomy), origin, zoom);
        let picture = drawn(setup, &mut gpu, &uniforms, &only(labels.clone()));
        for (x, y, pixel) in picture.enumerate_pixels() {
            match texel((x, y), &uniforms, &labels) {
                Some((column, row)) => {
                    let [red, green, blue] = label_rgb(&taxonomy, labels.get(column, row).unwrap());
                    assert_eq!(pixel.0, [red, green, blue, 255], "zoom {zoom}, pixel {x}, {y}");
                }
                // The border's middle may round either way.
                None => assert!(pixel.0[3] == 0 || zoom.fract() != 0.0, "zoom {zoom}, pixel {x}, {y}"),
            }
        }
    }
}

#[test]
fn a_reduced_map_keeps_its_thin_parts_and_its_mean_colour() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu) = (taxonomy(), canvas_gpu(setup));
    let mut labels = LabelMap::new(400, 400, 1);
    for y in 0..400 {
        labels.fill_row(y, 101..102, 9);
    }
    let uniforms = stage(&look(&taxonomy), [3.0, 2.0], 0.3);
    let picture = drawn(setup, &mut gpu, &uniforms, &only(labels.clone()));
    let (skin, hair) = (label_rgb(&taxonomy, 1), label_rgb(&taxonomy, 9));
    let share = |pixel: &Rgba<u8>| {
        let channel = (0..3).max_by_key(|&c| skin[c].abs_diff(hair[c])).unwrap();
        let [now, from, to] = [pixel.0[channel], skin[channel], hair[channel]].map(f32::from);
        (now - from) / (to - from)
    };
    for y in 10..110 {
        let seen: f32 = (4..120).map(|x| share(picture.get_pixel(x, y))).sum();
        assert!((seen - 0.3).abs() < 0.02, "row {y} shows {seen} screen pixels of a line 0.3 wide");
    }
}

#[test]
fn outlines_are_one_pixel_wide_and_contrast_with_both_sides() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu) = (taxonomy(), canvas_gpu(setup));
    for (left, right) in [(1u8, 9u8), (9, 1), (0, 9)] {
        let mut labels = LabelMap::new(16, 16, left);
        (0..16).for_each(|y| {
            labels.fill_row(y, 8..16, right);
        });
        let plain = stage(&look(&taxonomy), [10.0, 4.0], 7.5);
        let lined = StageUniforms { outline_opacity: 1.0, ..plain.clone() };
        let [before, after] = [plain, lined].map(|uniforms| drawn(setup, &mut gpu, &uniforms, &only(labels.clone())));
        for y in 4..120 {
            let changed: Vec<u32> = (10..130).filter(|&x| before.get_pixel(x, y) != after.get_pixel(x, y)).collect();
            // The border lies at 10 + 8 · 7.5 = 70.
            assert_eq!(changed, [69], "row {y} between {left} and {right}");
            let line = after.get_pixel(69, y).0[0];
            assert!(line == 0 || line == 255);
        }
    }
}

#[test]
fn hidden_labels_show_what_lies_beneath_and_solo_dims_the_others() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu) = (taxonomy(), canvas_gpu(setup));
    let mut labels = LabelMap::new(16, 16, 1);
    labels.fill_row(3, 0..16, 2);
    labels.fill_row(4, 0..16, 200);
    let hidden = StageLook { hidden: [2].into_iter().collect(), ..look(&taxonomy) };
    let picture = drawn(setup, &mut gpu, &stage(&hidden, [0.0; 2], 8.0), &only(labels.clone()));
    for (x, y) in [(1, 25), (70, 31), (127, 24), (3, 33), (99, 39)] {
        let light = (x / CHECKER_PX as u32 + y / CHECKER_PX as u32).is_multiple_of(2);
        let [red, green, blue, _] = CHECKER[usize::from(light)].to_array();
        assert_eq!(picture.get_pixel(x, y).0, [red, green, blue, 255], "{x}, {y}");
    }
    let solo = StageLook { solo: Some(2), ..look(&taxonomy) };
    let picture = drawn(setup, &mut gpu, &stage(&solo, [0.0; 2], 8.0), &only(labels));
    let [red, green, blue] = label_rgb(&taxonomy, 2);
    assert_eq!(picture.get_pixel(5, 26).0, [red, green, blue, 255]);
    let skin = label_rgb(&taxonomy, 1);
    assert!(picture.get_pixel(5, 60).0[0] < skin[0] / 2, "other labels are dimmed");
}

#[test]
fn the_mask_lies_over_the_result_with_its_opacity() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu, mut rng) = (taxonomy(), canvas_gpu(setup), Pcg32::seed_from_u64(2));
    let labels = noise(16, 16, &mut rng);
    let picture = RgbaImage::from_fn(16, 16, |_, _| Rgba([rng.random(), rng.random(), rng.random(), 255]));
    let contents = Contents { labels: labels.clone(), frame: Some(frame(&picture)), guide: None, obedience: None };
    for mask_opacity in [0.0, 0.35, 0.8] {
        let look = StageLook { mask_opacity, ..look(&taxonomy) };
        let plain = stage(&look, [2.0, 3.0], 7.5);
        let uniforms = StageUniforms { result_from_px: Some(0.0), result_pixels: true, ..plain };
        let shown = drawn(setup, &mut gpu, &uniforms, &contents);
        for (x, y) in (0..SCREEN.0).flat_map(|x| (0..SCREEN.1).map(move |y| (x, y))) {
            let Some((column, row)) = texel((x, y), &uniforms, &labels) else { continue };
            let own = label_rgb(&taxonomy, labels.get(column, row).unwrap()).map(f32::from);
            let below = picture.get_pixel(column, row).0.map(f32::from);
            let mixed = [0, 1, 2].map(|c| below[c] + (own[c] - below[c]) * mask_opacity);
            assert!(close(*shown.get_pixel(x, y), mixed, 1.2), "{x}, {y}: {:?} {mixed:?}", shown.get_pixel(x, y));
        }
    }
}

#[test]
fn the_divider_parts_mask_and_result_at_its_column() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu) = (taxonomy(), canvas_gpu(setup));
    let picture = RgbaImage::from_pixel(4, 4, Rgba([7, 200, 90, 255]));
    let contents =
        Contents { labels: LabelMap::new(16, 16, 1), frame: Some(frame(&picture)), guide: None, obedience: None };
    let plain = stage(&look(&taxonomy), [0.0; 2], 8.0);
    let uniforms = StageUniforms { mask_until_px: Some(77.0), result_from_px: Some(77.0), ..plain };
    let shown = drawn(setup, &mut gpu, &uniforms, &contents);
    let [red, green, blue] = label_rgb(&taxonomy, 1);
    assert_eq!(shown.get_pixel(76, 50).0, [red, green, blue, 255]);
    assert_eq!(shown.get_pixel(77, 50).0, [7, 200, 90, 255]);
}

/// The same curve as the image crate's, which this filter replaces.
#[test]
fn the_result_is_enlarged_by_catmull_rom() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu, mut rng) = (taxonomy(), canvas_gpu(setup), Pcg32::seed_from_u64(3));
    let picture = RgbaImage::from_fn(24, 24, |_, _| Rgba([rng.random(), rng.random(), rng.random(), 255]));
    let contents =
        Contents { labels: LabelMap::new(12, 12, 1), frame: Some(frame(&picture)), guide: None, obedience: None };
    let uniforms = StageUniforms {
        mask_until_px: Some(0.0),
        result_from_px: Some(0.0),
        ..stage(&look(&taxonomy), [0.0; 2], 10.0)
    };
    let shown = drawn(setup, &mut gpu, &uniforms, &contents);
    let expected = imageops::resize(&picture, 120, 120, FilterType::CatmullRom);
    for (x, y) in (12..108).flat_map(|x| (12..108).map(move |y| (x, y))) {
        let [red, green, blue, _] = expected.get_pixel(x, y).0.map(f32::from);
        assert!(close(*shown.get_pixel(x, y), [red, green, blue], 1.5), "{x}, {y}");
    }
}

#[test]
fn a_reduced_result_is_averaged() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu) = (taxonomy(), canvas_gpu(setup));
    let stripes = RgbaImage::from_fn(128, 128, |x, _| Rgba([if x % 2 == 0 { 0 } else { 200 }, 60, 10, 255]));
    let contents =
        Contents { labels: LabelMap::new(32, 32, 1), frame: Some(frame(&stripes)), guide: None, obedience: None };
    for result_pixels in [false, true] {
        let plain = stage(&look(&taxonomy), [0.0; 2], 2.0);
        let uniforms = StageUniforms { mask_until_px: Some(0.0), result_from_px: Some(0.0), result_pixels, ..plain };
        let shown = drawn(setup, &mut gpu, &uniforms, &contents);
        for (x, y) in [(3, 3), (20, 40), (61, 9)] {
            assert!(close(*shown.get_pixel(x, y), [100.0, 60.0, 10.0], 1.0), "{:?}", shown.get_pixel(x, y));
        }
    }
}

#[test]
fn the_guide_lies_under_the_mask_in_its_place() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu) = (taxonomy(), canvas_gpu(setup));
    let guide = GuidePhoto::new(RgbaImage::from_pixel(40, 20, Rgba([250, 10, 30, 255]))).unwrap();
    let contents = Contents {
        labels: LabelMap::new(16, 16, 1),
        frame: None,
        guide: Some(Arc::clone(guide.rgba())),
        obedience: None,
    };
    let faint = StageLook { mask_opacity: 0.25, ..look(&taxonomy) };
    let uniforms = stage(&faint, [0.0; 2], 8.0).with_guide(Some(&guide), [16.0, 16.0]);
    let shown = drawn(setup, &mut gpu, &uniforms, &contents);
    let skin = label_rgb(&taxonomy, 1).map(f32::from);
    let over = |below: [f32; 3]| [0, 1, 2].map(|c| below[c] * 0.75 + skin[c] * 0.25);
    for (x, y) in [(2, 33), (60, 64), (126, 95)] {
        assert!(close(*shown.get_pixel(x, y), over([250.0, 10.0, 30.0]), 1.5), "{:?}", shown.get_pixel(x, y));
    }
    for (x, y) in [(2, 30), (60, 97)] {
        let checker = CHECKER.map(|color| over([color.r(), color.g(), color.b()].map(f32::from)));
        assert!(checker.iter().any(|&color| close(*shown.get_pixel(x, y), color, 1.5)));
    }
}

/// A picture that the engine left on the card and one that it brought to main memory, in turn.
#[test]
fn a_picture_on_the_card_is_shown_like_its_pixels() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu, mut rng) = (taxonomy(), canvas_gpu(setup), Pcg32::seed_from_u64(5));
    let pixels = RgbaImage::from_fn(24, 20, |_, _| Rgba([rng.random(), rng.random(), rng.random(), 255]));
    let planes: Vec<u8> = (0..3)
        .flat_map(|channel| pixels.pixels().map(move |pixel| f32::from(pixel.0[channel]) / 127.5 - 1.0))
        .flat_map(f32::to_ne_bytes)
        .collect();
    let buffer = setup.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: planes.len() as u64,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    setup.queue.write_buffer(&buffer, 0, &planes);
    let planes = Planes { buffer, offset: 0, width: 24, height: 20, strides: [480, 24, 1] };
    let texture = TexturePass::new(&setup.device, &setup.queue).unwrap().submit(&planes).unwrap().wait().unwrap();
    let in_memory = frame(&pixels);
    let on_card = Arc::new(LiveFrame { picture: Picture::Texture(texture), ..LiveFrame::clone(&in_memory) });
    let plain = stage(&look(&taxonomy), [0.0; 2], 3.0);
    let uniforms = StageUniforms { mask_until_px: Some(0.0), result_from_px: Some(0.0), ..plain };
    let mut shown = Vec::new();
    for frame in [&in_memory, &on_card, &Arc::new(LiveFrame::clone(&in_memory))] {
        let contents =
            Contents { labels: LabelMap::new(40, 40, 1), frame: Some(Arc::clone(frame)), guide: None, obedience: None };
        shown.push(drawn(setup, &mut gpu, &uniforms, &contents));
    }
    assert!(shown[0] == shown[2]);
    for (a, b) in shown[0].pixels().zip(shown[1].pixels()) {
        assert!((0..4).all(|channel| a.0[channel].abs_diff(b.0[channel]) <= 1), "{a:?} {b:?}");
    }
}

/// Uploading what changed shows the same as uploading everything.
#[test]
fn a_stroke_uploads_to_the_same_picture_as_the_whole_map() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut kept, mut rng) = (taxonomy(), canvas_gpu(setup), Pcg32::seed_from_u64(4));
    let mut labels = noise(180, 140, &mut rng);
    let uniforms = stage(&look(&taxonomy), [5.0, 4.0], 1.0);
    for _ in 0..6 {
        let (x, y, length) = (rng.next_u32() % 170, rng.next_u32() % 130, rng.next_u32() % 60);
        (y..y + 9).for_each(|row| {
            labels.fill_row(row, x..x + length, 3);
        });
        let shown = drawn(setup, &mut kept, &uniforms, &only(labels.clone()));
        let fresh = drawn(setup, &mut canvas_gpu(setup), &uniforms, &only(labels.clone()));
        assert!(shown == fresh);
    }
    let smaller = noise(30, 20, &mut rng);
    let shown = drawn(setup, &mut kept, &uniforms, &only(smaller.clone()));
    assert!(shown == drawn(setup, &mut canvas_gpu(setup), &uniforms, &only(smaller)));
}

#[test]
fn stripes_lie_where_the_picture_disobeys_and_nowhere_else() {
    let Some(setup) = offscreen::device() else { return };
    let (taxonomy, mut gpu) = (taxonomy(), canvas_gpu(setup));
    let labels = LabelMap::new(32, 32, 1);
    // A quarter is read as hair.
    let (hair, side): (LabelId, u32) = (8, 4);
    let differences = (0..side * side).map(|at| if at % side < 2 && at / side < 2 { hair } else { AGREES });
    let obedience =
        Obedience { generation: 1, side, differences: differences.collect(), iou: Vec::new(), pixel_accuracy: 0.75 };
    let plain = StageUniforms { origin_px: [8.0, 4.0], zoom: 4.0, ..StageUniforms::new(&look(&taxonomy), CHECKER_PX) };
    let striped = StageUniforms { stripe_opacity: 1.0, stripe_px: 8.0, ..plain.clone() };
    let contents = Contents { obedience: Some(Arc::new(obedience)), ..only(labels) };
    let without = drawn(setup, &mut gpu, &plain, &contents);
    let with = drawn(setup, &mut gpu, &striped, &contents);
    let (mut changed, mut of_hair) = (0, 0);
    for (x, y, pixel) in with.enumerate_pixels() {
        // One pixel around the area is its line.
        let inside = (7..72).contains(&x) && (3..68).contains(&y);
        let same = pixel == without.get_pixel(x, y);
        assert!(same || inside, "{x}, {y} is outside the difference");
        changed += u32::from(!same);
        of_hair += u32::from(close(*pixel, label_rgb(&taxonomy, hair).map(f32::from), 2.0));
    }
    assert!(changed > 64 * 64 / 2, "{changed}");
    assert!((64 * 64 * 2 / 5..64 * 64 * 11 / 20).contains(&of_hair), "{of_hair}");
}
