//! Starter layouts as small pictures.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, ColorImage, CornerRadius, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle,
    TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

use super::{section, theme};
use crate::data::procedural::{Template, templates};
use crate::editor::{Command, sentence_case, template_title};
use crate::taxonomy::Taxonomy;

/// Width that the gallery wants, in points.
pub(super) const WIDTH: f32 = CARD * 5.0 + 6.0 * 4.0;
const CARD: f32 = 104.0;
const PICTURE: f32 = 92.0;
const CAPTION: f32 = 22.0;
const PICTURE_PX: u32 = 184;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// Pictures by template name.
type Thumbnails = Arc<BTreeMap<&'static str, TextureHandle>>;

/// Answers whether one was chosen.
pub(super) fn show(ui: &mut Ui, commands: &mut Vec<Command>) -> bool {
    let thumbnails = thumbnails(ui);
    let mut chosen = false;
    let mut titles: Vec<&str> = templates().iter().map(|template| template.taxonomy).collect();
    titles.dedup();
    for taxonomy in titles {
        section::group(ui, group_title(taxonomy).as_str());
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
            for template in templates().iter().filter(|template| template.taxonomy == taxonomy) {
                if card(ui, template, thumbnails.get(template.name)).clicked() {
                    commands.push(Command::UseTemplate(template.name));
                    chosen = true;
                }
            }
        });
        ui.add_space(4.0);
    }
    section::group(ui, "A template replaces mask and attributes; undo brings yours back.");
    chosen
}

fn group_title(taxonomy: &str) -> String {
    match taxonomy {
        "portrait" => "Faces".to_owned(),
        "outfit" => "Outfits".to_owned(),
        other => sentence_case(other),
    }
}

fn card(ui: &mut Ui, template: &Template, picture: Option<&TextureHandle>) -> Response {
    let title = template_title(template.name);
    let (rect, response) = ui.allocate_exact_size(vec2(CARD, CARD + CAPTION - 6.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), format!("Template {title}")));
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
        painter.text(at, Align2::CENTER_CENTER, &title, font, palette.text);
    }
    response.on_hover_text(format!("Start from the layout «{title}»"))
}

/// One picture is drawn in a frame, so that the gallery opens at once.
fn thumbnails(ui: &Ui) -> Thumbnails {
    let key = Id::unique("template_thumbnails");
    let mut known = ui.data_mut(|data| data.get_temp::<Thumbnails>(key)).unwrap_or_default();
    let missing = templates().iter().find(|template| !known.contains_key(template.name));
    if let Some((template, taxonomy)) =
        missing.and_then(|template| Some((template, Taxonomy::builtin(template.taxonomy)?)))
    {
        let picture = template.labels(PICTURE_PX).to_rgb(&taxonomy);
        let size = [picture.width() as usize, picture.height() as usize];
        let image = ColorImage::from_rgb(size, picture.as_raw());
        let texture = ui.ctx().load_texture(format!("template {}", template.name), image, TextureOptions::LINEAR);
        Arc::make_mut(&mut known).insert(template.name, texture);
        ui.data_mut(|data| data.insert_temp(key, known.clone()));
        ui.ctx().request_repaint();
    }
    known
}
