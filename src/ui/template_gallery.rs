//! Starter layouts and sample sessions as small pictures.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, ColorImage, CornerRadius, Id, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind,
    TextStyle, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};
use image::RgbImage;

use super::{section, theme};
use crate::editor::{Command, template_title};
use crate::session::sample_sessions;
use crate::taxonomy::Taxonomy;
use crate::templates::templates;

/// Width that the gallery wants, in points.
pub(super) const WIDTH: f32 = CARD * 5.0 + 6.0 * 4.0;
const CARD: f32 = 104.0;
const PICTURE: f32 = 92.0;
const CAPTION: f32 = 22.0;
const PICTURE_PX: u32 = 184;
/// What a window must have left around the gallery, in points.
const AROUND: f32 = 170.0;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// Pictures by card.
type Thumbnails = Arc<BTreeMap<&'static str, TextureHandle>>;

/// Something to start from.
struct Card {
    kind: &'static str,
    /// Unique among all cards.
    key: &'static str,
    title: String,
    hint: String,
    command: Command,
}

/// Answers whether one was chosen.
pub(super) fn show(ui: &mut Ui, commands: &mut Vec<Command>) -> bool {
    let thumbnails = thumbnails(ui);
    let room = (ui.ctx().content_rect().height() - AROUND).max(CARD + CAPTION);
    ScrollArea::vertical()
        .max_height(room)
        // At once, or a dialog would grow frame by frame under the pointer.
        .min_scrolled_height(room)
        .show(ui, |ui| {
            let mut chosen = false;
            for (title, cards) in groups() {
                section::group(ui, &title);
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
                    for card in cards {
                        if show_card(ui, &card, thumbnails.get(card.key)).clicked() {
                            commands.push(card.command);
                            chosen = true;
                        }
                    }
                });
                ui.add_space(4.0);
            }
            section::group(
                ui,
                "A template replaces mask and attributes; undo brings yours back. A sample is a new session.",
            );
            chosen
        })
        .inner
}

/// Templates by what they show, then the samples.
fn groups() -> Vec<(String, Vec<Card>)> {
    let mut groups: Vec<(String, Vec<Card>)> = Vec::new();
    for template in templates() {
        let title = template_title(template.name);
        let card = Card {
            kind: "Template",
            key: template.name,
            hint: format!("Start from the layout «{title}»"),
            title,
            command: Command::UseTemplate(template.name),
        };
        let group = template.group.title();
        match groups.last_mut().filter(|(title, _)| title == group) {
            Some((_, cards)) => cards.push(card),
            None => groups.push((group.to_owned(), vec![card])),
        }
    }
    let samples = sample_sessions().iter().map(|sample| Card {
        kind: "Sample",
        key: sample.name,
        title: sample.title.to_owned(),
        hint: format!("Open the finished session «{}» as a new one", sample.title),
        command: Command::OpenSample(sample.name),
    });
    groups.push(("Samples".to_owned(), samples.collect()));
    groups
}

fn show_card(ui: &mut Ui, card: &Card, picture: Option<&TextureHandle>) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(CARD, CARD + CAPTION - 6.0), Sense::click());
    let name = format!("{} {}", card.kind, card.title);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &name));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if ui.is_rect_visible(rect) {
        let palette = theme::palette(ui.visuals());
        let painter = ui.painter();
        let radius = CornerRadius::same(theme::RADIUS);
        if response.hovered() {
            painter.rect_filled(rect, radius, palette.widget_hover);
        }
        if response.has_focus() {
            painter.rect_stroke(rect, radius, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
        }
        let side = (CARD - PICTURE) / 2.0;
        let place = Rect::from_min_size(rect.min + vec2(side, side), vec2(PICTURE, PICTURE));
        match picture {
            Some(texture) => {
                painter.image(texture.id(), place, WHOLE, Color32::WHITE);
            }
            None => {
                painter.rect_filled(place, CornerRadius::same(3), palette.widget);
            }
        }
        painter.rect_stroke(place, CornerRadius::ZERO, theme::swatch_stroke(palette), StrokeKind::Outside);
        let font = TextStyle::Small.resolve(ui.style());
        let at = pos2(rect.center().x, (place.bottom() + rect.bottom()) / 2.0);
        painter.text(at, Align2::CENTER_CENTER, &card.title, font, palette.text);
    }
    response.on_hover_text(&card.hint)
}

/// One picture is made in a frame, so that the gallery opens at once.
fn thumbnails(ui: &Ui) -> Thumbnails {
    let key = Id::unique("template_thumbnails");
    let mut known = ui.data_mut(|data| data.get_temp::<Thumbnails>(key)).unwrap_or_default();
    let template = templates().iter().find(|template| !known.contains_key(template.name));
    let sample = sample_sessions().iter().find(|sample| !known.contains_key(sample.name));
    let made = match (template, sample) {
        (Some(template), _) => Taxonomy::builtin(template.taxonomy)
            .map(|taxonomy| (template.name, template.labels(PICTURE_PX).to_rgb(&taxonomy))),
        // A test reads them all.
        (None, Some(sample)) => {
            image::load_from_memory(sample.thumbnail).ok().map(|picture| (sample.name, picture.into_rgb8()))
        }
        (None, None) => None,
    };
    if let Some((name, picture)) = made {
        let texture = ui.ctx().load_texture(format!("card {name}"), color_image(&picture), TextureOptions::LINEAR);
        Arc::make_mut(&mut known).insert(name, texture);
        ui.data_mut(|data| data.insert_temp(key, known.clone()));
        ui.ctx().request_repaint();
    }
    known
}

fn color_image(picture: &RgbImage) -> ColorImage {
    ColorImage::from_rgb([picture.width() as usize, picture.height() as usize], picture.as_raw())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_card_has_a_key_of_its_own() {
        let keys: Vec<_> = groups().into_iter().flat_map(|(_, cards)| cards).map(|card| card.key).collect();
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{keys:?}");
        assert_eq!(keys.len(), templates().len() + sample_sessions().len());
    }
}
