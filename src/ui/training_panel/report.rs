//! What is in a data set.

use eframe::egui::{Color32, ColorImage, CornerRadius, Label, Rect, RichText, Sense, StrokeKind, Ui, pos2, vec2};

use super::thumbnails::{self, Key};
use super::{WIDE, section, theme};
use crate::editor::sentence_case;
use crate::training::Checked;

const SAMPLE: f32 = 76.0;
const ROW: f32 = 19.0;
/// So many problems are listed at once.
const PROBLEMS_SHOWN: usize = 12;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// `number` tells the samples of one check from those of another.
pub(super) fn show(ui: &mut Ui, checked: &Checked, number: u64) {
    let report = &checked.report;
    let palette = theme::palette(ui.visuals());
    ui.add(Label::new(RichText::new(&report.description)).wrap());
    let sizes: Vec<String> =
        report.sizes.iter().take(3).map(|size| format!("{} × {}: {}", size.width, size.height, size.images)).collect();
    let mut facts = vec![format!("{} samples, {} readable", report.samples, report.readable)];
    facts.push(match &checked.taxonomy {
        Some(taxonomy) => taxonomy.title.clone(),
        None => report.taxonomy.clone(),
    });
    facts.extend((!sizes.is_empty()).then(|| format!("sizes {}", sizes.join(", "))));
    ui.add(Label::new(RichText::new(facts.join(" · ")).small().weak()).wrap());
    match report.n_problems {
        0 => drop(ui.label(RichText::new("Nothing is amiss.").small().color(palette.success))),
        count => {
            let heading = if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") };
            ui.colored_label(palette.error, heading);
            for problem in report.problems.iter().take(PROBLEMS_SHOWN) {
                ui.add(Label::new(RichText::new(format!("• {}", problem.message)).small()).wrap());
            }
            if count > PROBLEMS_SHOWN {
                section::group(ui, "`scgan dataset inspect` lists all of them.");
            }
        }
    }
    repeats(ui, checked);
    ui.add_space(theme::GAP_SMALL);
    samples(ui, checked, number);
    ui.add_space(theme::GAP_SMALL);
    if ui.available_width() > WIDE && !report.attributes.is_empty() {
        ui.columns_const(|[left, right]| {
            labels(left, checked);
            attributes(right, checked);
        });
    } else {
        labels(ui, checked);
        attributes(ui, checked);
    }
}

/// Samples that are there more than once: no reason not to train, but good to know.
fn repeats(ui: &mut Ui, checked: &Checked) {
    let report = &checked.report;
    for (count, what) in [
        (report.n_duplicates, "have the same picture as an earlier one"),
        (report.n_lookalikes, "look much like an earlier one"),
    ] {
        if count > 0 {
            let text = format!("{count} samples {what}.");
            ui.label(RichText::new(text).small().color(theme::palette(ui.visuals()).busy));
        }
    }
}

/// Picture over mask, eight beside each other.
fn samples(ui: &mut Ui, checked: &Checked, number: u64) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        for (index, sample) in checked.report.previews.iter().enumerate() {
            let (rect, response) = ui.allocate_exact_size(vec2(SAMPLE, 2.0 * SAMPLE), Sense::hover());
            if ui.is_rect_visible(rect) {
                for (part, picture) in [(0, &sample.image), (1, &sample.mask)] {
                    let key = Key::Sample { check: number, index, part };
                    let texture = thumbnails::texture(ui, key, || {
                        let size = [picture.width() as usize, picture.height() as usize];
                        ColorImage::from_rgb(size, picture.as_raw())
                    });
                    let top = rect.top() + SAMPLE * part as f32;
                    let place = Rect::from_min_size(pos2(rect.left(), top), vec2(SAMPLE, SAMPLE));
                    ui.painter().image(texture.id(), place, WHOLE, Color32::WHITE);
                }
            }
            response.on_hover_text(format!("{}, and its mask below", sample.name));
        }
    });
}

fn labels(ui: &mut Ui, checked: &Checked) {
    if checked.report.labels.is_empty() {
        return;
    }
    section::group(ui, "Labels: part of all pixels, and images they are in");
    let accent = theme::palette(ui.visuals()).accent;
    let known = checked.taxonomy.as_ref().map(|taxonomy| taxonomy.labels.as_slice()).unwrap_or_default();
    for (index, count) in checked.report.labels.iter().enumerate() {
        let color = known.get(index).map_or(accent, |label| theme::label_color(label.color));
        let text = format!("{}   {}", percent(count.share), count.images);
        bar(ui, &sentence_case(&count.name), count.share, color, &text);
    }
    ui.add_space(theme::GAP_SMALL);
}

fn attributes(ui: &mut Ui, checked: &Checked) {
    if checked.report.attributes.is_empty() {
        return;
    }
    section::group(ui, "Attributes: part of all images");
    let color = theme::palette(ui.visuals()).accent;
    for count in &checked.report.attributes {
        let name = sentence_case(&count.name.replace('_', " "));
        bar(ui, &name, count.share, color, &percent(count.share));
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "none".to_owned(),
        value if value < 0.1 => "<0.1 %".to_owned(),
        value => format!("{value:.1} %"),
    }
}

/// A name, a bar and a number.
fn bar(ui: &mut Ui, name: &str, share: f64, color: Color32, text: &str) {
    let palette = theme::palette(ui.visuals());
    let width = ui.available_width().min(430.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    response
        .widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Label, true, format!("{name}: {text}")));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let (name_width, text_width) = (width * 0.34, 96.0);
    let font = eframe::egui::TextStyle::Small.resolve(ui.style());
    let painter = ui.painter().with_clip_rect(rect);
    let left =
        painter.with_clip_rect(Rect::from_min_max(rect.min, pos2(rect.left() + name_width - 4.0, rect.bottom())));
    left.text(rect.left_center(), eframe::egui::Align2::LEFT_CENTER, name, font.clone(), palette.text);
    let rail = Rect::from_min_max(
        pos2(rect.left() + name_width, rect.center().y - 4.0),
        pos2(rect.right() - text_width, rect.center().y + 4.0),
    );
    painter.rect_filled(rail, CornerRadius::same(3), palette.widget);
    let filled = Rect::from_min_size(rail.min, vec2(rail.width() * share.clamp(0.0, 1.0) as f32, rail.height()));
    painter.rect_filled(filled, CornerRadius::same(3), color);
    painter.rect_stroke(filled, CornerRadius::same(3), theme::swatch_stroke(palette), StrokeKind::Inside);
    painter.text(rect.right_center(), eframe::egui::Align2::RIGHT_CENTER, text, font, palette.text_weak);
}
