//! `scgan interpolate`: keyframes become an animation or a strip.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{anyhow, bail};
use serde_json::json;

use super::dataset::Progress;
use super::looks::{Shown, Source, Studio, model_for, overridden};
use super::report::Report;
use crate::document::{Ease, Timeline};
use crate::export::{
    Animation, AnimationFormat, Dither, ExportError, ExportSettings, FPS_RANGE, FRAME_SIDE_RANGE, MAX_FRAMES,
    UpscaleFilter, check_format, export_animation,
};
use crate::gpu::{self, DeviceChoice};
use crate::timeline::{Player, Preset};

/// Side of an animation's frames unless it is said, in pixels.
const SIDE_PX: u32 = 512;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  scgan interpolate template:front template:laughing --frames 48 --loop --output smile.gif
  scgan interpolate --preset left-to-right --frames 9 --output turn.png
  scgan interpolate mine.scgan --size 1024 --filter lanczos --output mine.mp4

A keyframe is template:NAME, a session (.scgan) with its mask, attributes and latent, or a mask PNG. One session alone is
played with its own keyframes. Masks change part by part, latents along the great circle, attributes in proportion.
The name's end says what is written: .gif, .apng, .png (a strip), .mp4 (needs ffmpeg), or a new folder of PNGs.")]
pub(super) struct Arguments {
    /// What it goes through, from first to last
    #[arg(value_name = "KEYFRAME", required_unless_present = "preset", conflicts_with = "preset")]
    keyframes: Vec<String>,
    /// A ready-made one
    #[arg(long, value_name = "NAME", value_parser = preset)]
    preset: Option<Preset>,
    /// Bundled model or model file; without it, the one that suits the first keyframe
    #[arg(long, value_name = "NAME|FILE")]
    model: Option<String>,
    /// Attributes that are on in every keyframe, separated by commas, instead of its own
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    attributes: Option<Vec<String>>,
    /// Seed of each keyframe's latent, separated by commas, instead of its own; the last one is for the rest
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Number of pictures
    #[arg(long, value_name = "N", default_value_t = 48)]
    frames: usize,
    /// Pictures per second
    #[arg(long, value_name = "N", default_value_t = 16.0)]
    fps: f32,
    /// Go back to the first keyframe, for ever
    #[arg(long = "loop")]
    looped: bool,
    /// How changes gather pace: linear, smooth, snappy
    #[arg(long, value_name = "NAME", value_parser = ease)]
    ease: Option<Ease>,
    /// Longer side of a picture in pixels; without it, 512, or the model's own in a strip
    #[arg(long, value_name = "N")]
    size: Option<u32>,
    /// How pictures are enlarged: nearest, linear, cubic, lanczos
    #[arg(long, value_name = "NAME", default_value = "cubic", value_parser = filter)]
    filter: UpscaleFilter,
    /// How a GIF's colours stand for more: none, pattern, diffusion
    #[arg(long, value_name = "NAME", default_value = "pattern", value_parser = dither)]
    dither: Dither,
    /// What is shown
    #[arg(long, value_enum, default_value = "picture")]
    show: Shown,
    /// The file or folder to write
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

pub(super) fn filter(text: &str) -> Result<UpscaleFilter, String> {
    by_name(text, UpscaleFilter::ALL, UpscaleFilter::name)
}

fn dither(text: &str) -> Result<Dither, String> {
    by_name(text, Dither::ALL, Dither::name)
}

fn preset(text: &str) -> Result<Preset, String> {
    by_name(text, Preset::ALL, Preset::name)
}

fn ease(text: &str) -> Result<Ease, String> {
    let ease = Ease::ALL.into_iter().find(|ease| ease.title().eq_ignore_ascii_case(text));
    ease.ok_or_else(|| "choose linear, smooth or snappy".to_owned())
}

fn by_name<T: Copy, const N: usize>(text: &str, all: [T; N], name: fn(T) -> &'static str) -> Result<T, String> {
    let found = all.into_iter().find(|value| name(*value) == text);
    found.ok_or_else(|| format!("choose one of {}", all.map(name).join(", ")))
}

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let output = &arguments.output;
    let format = AnimationFormat::of_path(output).ok_or_else(|| {
        anyhow!("{}: choose a name that ends in .gif, .apng, .png or .mp4, or a new folder", output.display())
    })?;
    check(arguments)?;
    check_format(output, format)?;
    let sources =
        arguments.keyframes.iter().map(|keyframe| Source::named(keyframe)).collect::<anyhow::Result<Vec<_>>>()?;
    let model = match arguments.preset {
        Some(preset) => model_for(arguments.model.as_deref().or(Some(preset.taxonomy())), &sources)?,
        None => model_for(arguments.model.as_deref(), &sources)?,
    };
    let mut studio = Studio::open(&model, &gpu::open(device)?)?;
    let timeline = timeline(arguments, &sources, &studio)?;
    let began = Instant::now();
    let cancelled = || anyhow!("{}: interrupted; nothing was written", output.display());
    let looks = Player::default().frames(&timeline, arguments.frames);
    let progress = Progress::new("rendering")?;
    let pictures = studio.pictures(&looks, arguments.show, &progress)?.ok_or_else(cancelled)?;
    drop(progress);
    let rendered = began.elapsed();
    let shortest = pictures.first().map_or(SIDE_PX, |picture| picture.width().max(picture.height()));
    let usual = if format == AnimationFormat::Strip { shortest } else { SIDE_PX };
    let settings =
        ExportSettings { side_px: arguments.size.unwrap_or(usual), filter: arguments.filter, dither: arguments.dither };
    let animation = Animation { frames: pictures, fps: arguments.fps, looped: timeline.looped };
    let progress = Progress::new("writing")?;
    export_animation(output, format, &animation, &settings, &mut |done, of| progress.show(done, of)).map_err(
        |error| match error {
            ExportError::Cancelled { .. } => cancelled(),
            error => error.into(),
        },
    )?;
    drop(progress);
    let seconds = began.elapsed().as_secs_f64();
    Ok(Report {
        text: format!(
            "{}: {} of {} frames, {} px, model {} ({:.1} s to draw on {}, {:.1} s to write)\n",
            output.display(),
            format.title(),
            animation.frames.len(),
            settings.side_px,
            studio.card.name,
            rendered.as_secs_f64(),
            studio.device,
            seconds - rendered.as_secs_f64(),
        ),
        json: json!({
            "output": output,
            "format": format.title(),
            "frames": animation.frames.len(),
            "fps": animation.fps,
            "loop": animation.looped,
            "side_px": settings.side_px,
            "model": studio.card.name,
            "model_hash": studio.card.hash,
            "device": studio.device,
            "render_seconds": rendered.as_secs_f64(),
            "seconds": seconds,
        }),
    })
}

/// Before a model is loaded for nothing.
fn check(arguments: &Arguments) -> anyhow::Result<()> {
    if !(1..=MAX_FRAMES).contains(&arguments.frames) {
        bail!("--frames {}: choose 1 to {MAX_FRAMES}", arguments.frames);
    }
    if !FPS_RANGE.contains(&arguments.fps) {
        bail!("--fps {}: choose {} to {}", arguments.fps, FPS_RANGE.start(), FPS_RANGE.end());
    }
    if let Some(size) = arguments.size.filter(|size| !FRAME_SIDE_RANGE.contains(size)) {
        bail!("--size {size}: choose {} to {}", FRAME_SIDE_RANGE.start(), FRAME_SIDE_RANGE.end());
    }
    Ok(())
}

fn timeline(arguments: &Arguments, sources: &[Source], studio: &Studio) -> anyhow::Result<Timeline> {
    let card = &studio.card;
    let side_px = (2 * card.resolution()) as u32;
    let own = match (sources, arguments.preset) {
        (_, Some(preset)) => {
            if preset.taxonomy() != card.taxonomy.name {
                bail!("--preset {}: the model {} has other labels; leave --model out", preset.name(), card.name);
            }
            Some(preset.timeline(side_px, &Default::default()))
        }
        ([source], None) => source.timeline(card)?,
        _ => None,
    };
    let mut timeline = match own {
        Some(timeline) => {
            let mut keyframes = timeline.keyframes().to_vec();
            let mut looks: Vec<_> = keyframes.iter().map(|keyframe| keyframe.look.clone()).collect();
            overridden(&mut looks, arguments.attributes.as_deref(), &arguments.seeds, card)?;
            keyframes.iter_mut().zip(looks).for_each(|(keyframe, look)| keyframe.look = look);
            let looped = arguments.looped || (arguments.preset.is_none() && timeline.looped);
            match arguments.preset {
                // The way back takes time of its own.
                Some(_) => Timeline::evenly(keyframes.into_iter().map(|keyframe| keyframe.look).collect(), 1.0, looped),
                None => timeline.with_keyframes(keyframes).played(timeline.ease, looped),
            }
        }
        None => {
            let mut looks = sources.iter().map(|source| source.look(card)).collect::<anyhow::Result<Vec<_>>>()?;
            overridden(&mut looks, arguments.attributes.as_deref(), &arguments.seeds, card)?;
            if looks.len() < 2 {
                bail!("one keyframe is no animation; name at least two, or a session with keyframes");
            }
            Timeline::evenly(looks, 1.0, arguments.looped)
        }
    };
    timeline.ease = arguments.ease.unwrap_or(timeline.ease);
    Ok(timeline)
}
