//! What egui's tiles ask: what is in a panel, and how its heading looks.

use eframe::egui::{
    Align, Align2, Color32, CornerRadius, CursorIcon, FontId, Frame, Id, Layout, Margin, Rect, Response, Role,
    ScrollArea, Sense, Stroke, StrokeKind, Style, TextStyle, Ui, Visuals, WidgetInfo, WidgetText, vec2,
};
use egui_tiles::{
    Behavior, EditAction, ResizeState, SimplificationOptions, TabState, Tabs, Tile, TileId, Tiles, UiResponse,
};

use super::tiles::{GAP, front_panel};
use crate::editor::{Action, Command, EditorState, Panel};
use crate::ui::{
    action_button, attribute_panel, canvas, controls_panel, history_panel, label_palette, latent_panel, theme,
    timeline_panel, training_panel, variations_panel,
};

const HEADING_MARGIN: f32 = 12.0;

/// Draws the panels.
pub(super) struct Panels<'a> {
    state: &'a EditorState,
    commands: &'a mut Vec<Command>,
    /// Where the panels are on the screen.
    pub(super) places: Vec<(Panel, Rect)>,
    /// Whether the user moved something.
    pub(super) edited: bool,
    /// How many tabs the bar that is being drawn has.
    tabs: usize,
    canvas: Option<TileId>,
}

impl<'a> Panels<'a> {
    /// `canvas` is the canvas's tile.
    pub(super) fn new(state: &'a EditorState, canvas: Option<TileId>, commands: &'a mut Vec<Command>) -> Self {
        Self { state, commands, places: Vec::new(), edited: false, tabs: 0, canvas }
    }

    fn title(tiles: &Tiles<Panel>, id: TileId) -> &'static str {
        front_panel(tiles, id).map_or("Panels", Panel::title)
    }

    fn contents(&mut self, ui: &mut Ui, panel: Panel) {
        let (state, commands) = (self.state, &mut *self.commands);
        match panel {
            Panel::Canvas => canvas::show(ui, state, commands),
            Panel::Labels => scrolled(ui, panel, |ui| label_palette::show(ui, state, commands)),
            Panel::Attributes => scrolled(ui, panel, |ui| attribute_panel::show(ui, state, commands)),
            Panel::Latent => scrolled(ui, panel, |ui| latent_panel::show(ui, state, commands)),
            Panel::History => scrolled(ui, panel, |ui| history_panel::show(ui, state, commands)),
            Panel::Training => training_panel::show(ui, state, commands),
            Panel::Timeline => timeline_panel::show(ui, state, commands),
            Panel::Variations => variations_panel::show(ui, state, commands),
            Panel::Controls => controls_panel::show(ui, state, commands),
        }
    }

    /// A heading that is also what one drags the panel by; a tab where there are several.
    fn paint_heading(&self, ui: &Ui, response: &Response, title: &str, active: bool) {
        let palette = theme::palette(ui.visuals());
        let several = self.tabs > 1;
        let color = if active || response.hovered() { palette.text } else { palette.text_weak };
        let at = response.rect.left_center() + vec2(HEADING_MARGIN, 0.0);
        ui.painter().text(at, Align2::LEFT_CENTER, title, heading_font(ui), color);
        if several && active {
            let line = Rect::from_min_max(response.rect.left_bottom() - vec2(0.0, 2.0), response.rect.right_bottom());
            ui.painter().rect_filled(line.shrink2(vec2(HEADING_MARGIN - 2.0, 0.0)), 0, palette.accent);
        }
        if response.has_focus() {
            let ring = Stroke::new(1.5, palette.accent);
            ui.painter().rect_stroke(response.rect.shrink(4.0), CornerRadius::same(4), ring, StrokeKind::Inside);
        }
    }
}

/// How egui tidies the tiles up after a move.
pub(super) fn simplification() -> SimplificationOptions {
    SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
}

fn heading_font(ui: &Ui) -> FontId {
    TextStyle::Heading.resolve(ui.style())
}

fn scrolled(ui: &mut Ui, panel: Panel, contents: impl FnOnce(&mut Ui)) {
    let fill = theme::palette(ui.visuals()).panel;
    ui.painter().rect_filled(ui.max_rect(), 0, fill);
    ScrollArea::vertical().id_salt(panel).auto_shrink(false).show(ui, |ui| {
        let margin = Margin { left: 12, right: 12, top: 2, bottom: 10 };
        Frame::new().inner_margin(margin).show(ui, contents);
    });
}

/// Buttons at the right of a panel's heading.
fn heading_actions(panel: Panel) -> &'static [Action] {
    match panel {
        Panel::Canvas => &[],
        Panel::Labels => &[Action::ShowAllLabels, Action::UnlockLabels],
        Panel::Attributes => &[Action::ResetAttributes, Action::ToggleOverdrive],
        Panel::Latent => &[Action::PanelVariations, Action::ResetLatent, Action::ToggleLatentLock],
        Panel::History => &[Action::ClearHistory],
        Panel::Timeline | Panel::Variations | Panel::Controls => &[],
        Panel::Training => &[Action::StopTraining, Action::PauseTraining, Action::StartTraining],
    }
}

impl Behavior<Panel> for Panels<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, panel: &mut Panel) -> UiResponse {
        self.places.push((*panel, ui.max_rect()));
        self.contents(ui, *panel);
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, panel: &Panel) -> WidgetText {
        panel.title().into()
    }

    fn tab_title_for_tile(&mut self, tiles: &Tiles<Panel>, tile: TileId) -> WidgetText {
        Self::title(tiles, tile).into()
    }

    fn tab_ui(&mut self, tiles: &mut Tiles<Panel>, ui: &mut Ui, id: Id, tile: TileId, tab: &TabState) -> Response {
        let title = Self::title(tiles, tile);
        let width = ui.painter().layout_no_wrap(title.to_owned(), heading_font(ui), Color32::WHITE).size().x;
        let (_, rect) = ui.allocate_space(vec2(width + 2.0 * HEADING_MARGIN, ui.available_height()));
        let response = ui.interact(rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), tab.active, title));
        if ui.is_rect_visible(rect) && !tab.is_being_dragged {
            self.paint_heading(ui, &response, title, tab.active);
        }
        let response = response
            .on_hover_cursor(CursorIcon::Grab)
            .on_hover_text(format!("{title}\nDrag it to another place; right-click for more"));
        if let Some(toggle) = front_panel(tiles, tile).and_then(Panel::toggle) {
            response.context_menu(|ui| {
                if ui.button("Hide this panel").clicked() {
                    self.commands.push(Command::Do(toggle));
                    ui.close();
                }
                action_button::menu_item(ui, self.state, Action::ResetLayout, self.commands);
            });
        }
        response
    }

    fn tab_bar_left_ui(&mut self, tiles: &Tiles<Panel>, _ui: &mut Ui, _tile: TileId, tabs: &Tabs) {
        self.tabs = tabs.children.iter().filter(|&&child| tiles.is_visible_in_layout(child)).count();
    }

    fn top_bar_right_ui(&mut self, tiles: &Tiles<Panel>, ui: &mut Ui, _tile: TileId, tabs: &Tabs, _scroll: &mut f32) {
        let panel = tabs.active.and_then(|active| front_panel(tiles, active));
        ui.add_space(8.0);
        ui.spacing_mut().item_spacing.x = 2.0;
        for &action in panel.map(heading_actions).unwrap_or_default() {
            // What would do nothing here is left out, so that the heading stays calm.
            let (possible, on) = (action.is_enabled(self.state), action.is_on(self.state));
            match on {
                Some(_) => action_button::toggle_icon_button(ui, self.state, action, self.commands),
                None if possible || action == Action::ResetAttributes || action == Action::ResetLatent => {
                    action_button::plain_icon_button(ui, self.state, action, self.commands);
                }
                None => {}
            }
        }
    }

    fn is_tab_bar_visible(&self, _tile: TileId, tabs: &Tabs) -> bool {
        tabs.children.len() != 1 || tabs.children.first().copied() != self.canvas
    }

    fn is_tile_draggable(&self, tiles: &Tiles<Panel>, tile: TileId) -> bool {
        matches!(tiles.get(tile), Some(Tile::Pane(panel)) if *panel != Panel::Canvas)
    }

    /// The lines are our own: they have names and keys.
    fn is_container_resizable(&self, _tiles: &Tiles<Panel>, _tile: TileId) -> bool {
        false
    }

    fn simplification_options(&self) -> SimplificationOptions {
        simplification()
    }

    fn on_edit(&mut self, action: EditAction) {
        self.edited |= matches!(action, EditAction::TileDropped | EditAction::TabSelected);
    }

    fn tab_bar_height(&self, _style: &Style) -> f32 {
        theme::PANEL_HEADING_HEIGHT
    }

    fn gap_width(&self, _style: &Style) -> f32 {
        GAP
    }

    fn resize_stroke(&self, style: &Style, _state: ResizeState) -> Stroke {
        Stroke::new(GAP, theme::palette(&style.visuals).line)
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        theme::palette(visuals).panel
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::NONE
    }

    fn drag_preview_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(1.5, theme::palette(visuals).accent)
    }

    fn drag_preview_color(&self, visuals: &Visuals) -> Color32 {
        theme::palette(visuals).accent.gamma_multiply(0.18)
    }

    fn drag_ui(&mut self, tiles: &Tiles<Panel>, ui: &mut Ui, tile: TileId) {
        Frame::popup(ui.style()).inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.label(Self::title(tiles, tile)));
        });
    }
}
