use super::*;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

/// Labels 1 and 2 mirror each other.
const MIRROR: [LabelId; 4] = [0, 2, 1, 3];

fn noise(seed: u64) -> LabelMap {
    let mut rng = Pcg32::seed_from_u64(seed);
    let mut map = LabelMap::new(75, 70, 0);
    for (x, y) in (0..70).flat_map(|y| (0..75).map(move |x| (x, y))) {
        map.set(x, y, (rng.next_u32() % 4) as u8);
    }
    map
}

/// What a painter can do.
#[derive(Clone, Debug)]
enum Act {
    Capsule(Point, Point, f32),
    Pixel(Point),
    Polygon(Vec<Point>),
    Rectangle(Point, Point),
    Ellipse(Point, Point),
    Flood(u32, u32),
    Replace(u32, u32),
}

fn acts() -> impl Strategy<Value = Act> {
    let point = || (-10.0f32..85.0, -10.0f32..80.0).prop_map(|(x, y)| Point::new(x, y));
    prop_oneof![
        (point(), point(), 1.0f32..20.0).prop_map(|(from, to, diameter_px)| Act::Capsule(from, to, diameter_px)),
        point().prop_map(Act::Pixel),
        prop::collection::vec(point(), 0..6).prop_map(Act::Polygon),
        (point(), point()).prop_map(|(from, to)| Act::Rectangle(from, to)),
        (point(), point()).prop_map(|(from, to)| Act::Ellipse(from, to)),
        (0u32..80, 0u32..75).prop_map(|(x, y)| Act::Flood(x, y)),
        (0u32..80, 0u32..75).prop_map(|(x, y)| Act::Replace(x, y)),
    ]
}

fn axes() -> impl Strategy<Value = MirrorAxis> {
    let angle = prop_oneof![Just(0.0f32), Just(std::f32::consts::FRAC_PI_2), -3.0f32..3.0];
    (-5.0f32..80.0, -5.0f32..75.0, angle)
        .prop_map(|(x, y, angle_rad)| MirrorAxis { through: Point::new(x, y), angle_rad })
}

fn carry_out(act: &Act, painter: &mut Painter<'_>, label: LabelId) -> bool {
    let area = |from, to| PixelBox::drawn(from, to, false, false);
    match act {
        Act::Capsule(from, to, diameter_px) => painter.capsule(*from, *to, *diameter_px, label),
        Act::Pixel(at) => painter.pixel(*at, label),
        Act::Polygon(corners) => painter.polygon(corners, label),
        Act::Rectangle(from, to) => painter.rectangle(area(*from, *to), label),
        Act::Ellipse(from, to) => painter.ellipse(area(*from, *to), label),
        Act::Flood(x, y) => painter.flood(*x, *y, label),
        Act::Replace(x, y) => painter.replace(*x, *y, label),
    }
}

fn pixels() -> impl Iterator<Item = (u32, u32)> {
    (0..70).flat_map(|y| (0..75).map(move |x| (x, y)))
}

proptest! {
    /// Under rules, a pixel becomes what it would become without, or stays.
    #[test]
    fn rules_spare_pixels_and_change_nothing_else(
        seed: u64, act in acts(), label in 0u8..4, axis in prop::option::of(axes()), start in (0.0f32..75.0, 0.0f32..70.0),
        locked in prop::collection::vec(0u8..4, 0..3), only_over in prop::option::weighted(0.3, 0u8..4),
    ) {
        let rules = PaintRules { locked: locked.into_iter().collect(), only_over };
        let before = noise(seed);
        let painted = |rules: PaintRules| {
            let mut map = before.clone();
            let mirror = axis.map(|axis| (axis, &MIRROR[..]));
            let changed = carry_out(&act, &mut Painter::new(&mut map, rules, mirror, Point::new(start.0, start.1)), label);
            assert_eq!(changed, map != before, "the painter tells whether a pixel changed");
            map
        };
        let (free, ruled) = (painted(PaintRules::default()), painted(rules));
        for (x, y) in pixels() {
            let (old, free) = (before.get(x, y).unwrap_or(0), free.get(x, y).unwrap_or(0));
            let expected = if rules.allow(old, free) { free } else { old };
            prop_assert_eq!(ruled.get(x, y), Some(expected), "pixel {} {}", x, y);
        }
        // A lock on a label that is not there turns off the fast path, and nothing else.
        let elsewhere = PaintRules { locked: [60].into_iter().collect(), only_over: None };
        prop_assert!(painted(elsewhere) == free);
    }

    /// Both halves of a mirrored act are what the act alone does in either place, each side with its label; what it does
    /// beside the map is mirrored too.
    #[test]
    fn the_mirrored_half_is_the_mirror_image_of_the_first(
        act in acts(), label in 0u8..4, axis in axes(), start in (0.0f32..75.0, 0.0f32..70.0),
    ) {
        prop_assume!(axis.reflection().is_exact() && !matches!(act, Act::Flood(..) | Act::Replace(..)));
        let act = shifted(&act, 0.0);
        let mut both = LabelMap::new(75, 70, 3);
        let start = Point::new(start.0, start.1);
        carry_out(&act, &mut Painter::new(&mut both, PaintRules::default(), Some((axis, &MIRROR)), start), label);
        // The act alone, with room around the map.
        const ROOM: u32 = 256;
        let mut plain = LabelMap::new(75 + 2 * ROOM, 70 + 2 * ROOM, 3);
        carry_out(&shifted(&act, ROOM as f32), &mut Painter::new(&mut plain, PaintRules::default(), None, start), 0);
        let is_covered = |[x, y]: [i64; 2]| {
            let place = |at: i64| u32::try_from(at + i64::from(ROOM)).unwrap_or(u32::MAX);
            plain.get(place(x), place(y)) == Some(0)
        };
        let reflection = axis.reflection();
        for (x, y) in pixels() {
            let own = [x, y].map(i64::from);
            let image = reflection.cell(own).unwrap_or(own);
            let covered = is_covered(own) || is_covered(image);
            let centre = Point::new(x as f32 + 0.5, y as f32 + 0.5);
            let label_here = if reflection.side(centre) == reflection.side(start) { label } else { mirrored(&MIRROR, label) };
            let expected = if !covered || (image == own && mirrored(&MIRROR, label) != label) { 3 } else { label_here };
            prop_assert_eq!(both.get(x, y), Some(expected), "pixel {} {}", x, y);
        }
    }

    /// What comes of a map whose pixels mirror each other, where both exist, is such a map again, wherever the axis is.
    #[test]
    fn what_is_symmetric_stays_symmetric(
        seed: u64, coarse in 1u32..9, acts in prop::collection::vec((acts(), 0u8..4, (0.0f32..75.0, 0.0f32..70.0)), 1..5),
        axis in axes(),
    ) {
        prop_assume!(axis.reflection().is_exact());
        let reflection = axis.reflection();
        let mut map = symmetric(seed, coarse, &reflection);
        for (act, label, start) in acts {
            let act = shifted(&act, 0.0);
            // Fills begin where they fill.
            let start = match act {
                Act::Flood(x, y) | Act::Replace(x, y) => Point::new(x as f32 + 0.5, y as f32 + 0.5),
                _ => Point::new(start.0, start.1),
            };
            carry_out(&act, &mut Painter::new(&mut map, PaintRules::default(), Some((axis, &MIRROR)), start), label);
            for (x, y) in pixels() {
                let Some((ix, iy)) = reflection.pixel(x, y, (75, 70)) else { continue };
                let (own, image) = (map.get(x, y), map.get(ix, iy));
                prop_assert!((x, y) == (ix, iy) || own.map(|id| mirrored(&MIRROR, id)) == image, "{act:?} at {x} {y}");
            }
        }
    }
}

/// The act further right and down, at places where neither rounding nor turning round decides.
fn shifted(act: &Act, by: f32) -> Act {
    let point = |at: &Point| {
        let place = |at: f32| ((at * 256.0).floor() + 0.5) / 256.0 + by;
        Point::new(place(at.x), place(at.y))
    };
    match act {
        Act::Capsule(from, to, diameter_px) => Act::Capsule(point(from), point(to), *diameter_px),
        Act::Pixel(at) => Act::Pixel(point(at)),
        Act::Polygon(corners) => Act::Polygon(corners.iter().map(point).collect()),
        Act::Rectangle(from, to) => Act::Rectangle(point(from), point(to)),
        Act::Ellipse(from, to) => Act::Ellipse(point(from), point(to)),
        Act::Flood(..) | Act::Replace(..) => act.clone(),
    }
}

/// Blocks of noise whose pixels mirror each other where both exist.
fn symmetric(seed: u64, coarse: u32, reflection: &Reflection) -> LabelMap {
    let mut rng = Pcg32::seed_from_u64(seed);
    let blocks: Vec<u8> = (0..75 * 70).map(|_| (rng.next_u32() % 4) as u8).collect();
    let mut map = LabelMap::new(75, 70, 0);
    for (x, y) in pixels() {
        let block = blocks[(y / coarse * 75 + x / coarse) as usize];
        match reflection.pixel(x, y, (75, 70)) {
            Some((ix, iy)) if (iy, ix) < (y, x) => _ = map.set(x, y, mirrored(&MIRROR, map.get(ix, iy).unwrap_or(0))),
            Some(image) if image == (x, y) => _ = map.set(x, y, if block.is_multiple_of(3) { block } else { 0 }),
            _ => _ = map.set(x, y, block),
        }
    }
    map
}

#[test]
fn replacing_everywhere_swaps_mirrored_labels_on_each_side() {
    let mut map = LabelMap::new(20, 10, 0);
    for (x, label) in [(2, 1), (4, 3), (15, 3), (17, 2)] {
        map.set(x, 5, label);
    }
    let axis = MirrorAxis::centred(20, 10);
    let mut painter = Painter::new(&mut map, PaintRules::default(), Some((axis, &MIRROR)), Point::new(2.5, 5.5));
    assert!(painter.replace(2, 5, 2), "the left eye turns round");
    assert_eq!([2, 4, 15, 17].map(|x| map.get(x, 5)), [Some(2), Some(3), Some(3), Some(1)]);
}

#[test]
fn a_mirrored_fill_reaches_both_areas() {
    let mut map = LabelMap::new(20, 10, 0);
    map.fill_row(3, 2..6, 1);
    map.fill_row(3, 14..18, 2);
    let axis = MirrorAxis::centred(20, 10);
    let mut painter = Painter::new(&mut map, PaintRules::default(), Some((axis, &MIRROR)), Point::new(4.0, 3.0));
    assert!(painter.flood(4, 3, 3));
    assert_eq!(map.counts()[..4], [192, 0, 0, 8]);
    // Without an axis only the first.
    assert!(Painter::new(&mut map, PaintRules::default(), None, Point::new(4.0, 3.0)).flood(4, 3, 1));
    assert_eq!(map.counts()[..4], [192, 4, 0, 4]);
    assert!(!Painter::new(&mut map, PaintRules::default(), None, Point::new(0.0, 0.0)).flood(20, 0, 1));
}

/// Its mirror image rounds to the pixel at the other edge, whose own mirror image is on the map.
#[test]
fn a_dot_on_the_far_edge_of_the_map_is_beside_it() {
    let mut map = LabelMap::new(71, 60, 3);
    let axis = MirrorAxis::centred(71, 60);
    let mut painter = Painter::new(&mut map, PaintRules::default(), Some((axis, &MIRROR)), Point::new(71.0, 0.0));
    assert!(!painter.pixel(Point::new(71.0, 0.0), 0));
    assert_eq!(map, LabelMap::new(71, 60, 3));
}
