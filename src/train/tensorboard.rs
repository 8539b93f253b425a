//! TensorBoard event files: losses, scores and sheets of samples, for those who compare runs there.
//!
//! A file is a sequence of TFRecords, each the protocol buffer `Event` with a time, a step, and scalars or a picture.

mod protobuf;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use self::protobuf::Message;
use super::run::LogRow;

/// What is added to a rotated checksum, so that checksums of checksums differ from both.
const MASK_DELTA: u32 = 0xa282_ead8;

/// An event file that grows. What cannot be written to it is reported in the log and lost; training goes on.
pub struct EventFile {
    file: File,
    failed: bool,
}

impl EventFile {
    /// Starts a file in `folder` for a run that is at `step`; whatever earlier files say of later steps is void.
    ///
    /// # Errors
    /// The folder or file cannot be made.
    pub fn create(folder: &Path, step: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let seconds = now_s();
        // TensorBoard takes files by this name, in the order of their times.
        let name =
            |try_number: u32| format!("events.out.tfevents.{:010}.{}.{try_number}", seconds as u64, std::process::id());
        let open = |name: String| OpenOptions::new().create_new(true).append(true).open(folder.join(name));
        let mut opened = open(name(0));
        for try_number in 1..100 {
            match &opened {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => opened = open(name(try_number)),
                _ => break,
            }
        }
        let mut events = Self { file: opened?, failed: false };
        events.file.write_all(&record(&event(seconds).bytes(3, b"brain.Event:2")))?;
        // SessionLog with status START. It voids its own step too, and that row is still good.
        let session = Message::default().varint(1, 1);
        let started = event(seconds).varint(2, step.saturating_add(1)).bytes(7, session.as_bytes());
        events.file.write_all(&record(&started))?;
        Ok(events)
    }

    /// Writes the losses (`loss/…`), scores (`score/…`) and speed of a row.
    pub fn row(&mut self, row: &LogRow) {
        let losses = row.losses.entries().map(|(name, value)| (format!("loss/{name}"), value));
        let scores = row.scores.into_iter().flat_map(|scores| {
            [
                ("real_pixel_accuracy", scores.real_pixel_accuracy),
                ("real_mean_iou", scores.real_mean_iou),
                ("generated_pixel_accuracy", scores.generated_pixel_accuracy),
                ("generated_mean_iou", scores.generated_mean_iou),
            ]
            .map(|(name, value)| (format!("score/{name}"), value as f32))
        });
        let speed = [("speed/images_per_s".to_owned(), row.images_per_s as f32)];
        let summary = losses.chain(scores).chain(speed).fold(Message::default(), |summary, (tag, value)| {
            let value = Message::default().bytes(1, tag.as_bytes()).float(2, value);
            summary.bytes(1, value.as_bytes())
        });
        self.write(row.step, &summary);
    }

    /// Writes a PNG of `(width, height)` px.
    pub fn image(&mut self, step: u64, tag: &str, (width, height): (u32, u32), png: &[u8]) {
        const RGB: u64 = 3;
        let image = Message::default().varint(1, height.into()).varint(2, width.into()).varint(3, RGB).bytes(4, png);
        let value = Message::default().bytes(1, tag.as_bytes()).bytes(4, image.as_bytes());
        self.write(step, &Message::default().bytes(1, value.as_bytes()));
    }

    fn write(&mut self, step: u64, summary: &Message) {
        let event = event(now_s()).varint(2, step).bytes(5, summary.as_bytes());
        // One write, so that a kill cuts off at most one record, which readers pass over.
        if let Err(error) = self.file.write_all(&record(&event))
            && !std::mem::replace(&mut self.failed, true)
        {
            tracing::warn!("the TensorBoard event file cannot be written: {error}");
        }
    }
}

/// An `Event` with its time.
fn event(seconds: f64) -> Message {
    Message::default().double(1, seconds)
}

/// A TFRecord: length, its checksum, data, its checksum; all little-endian.
fn record(event: &Message) -> Vec<u8> {
    let data = event.as_bytes();
    let length = (data.len() as u64).to_le_bytes();
    let checksum = |bytes: &[u8]| masked_crc32c(bytes).to_le_bytes();
    [&length[..], &checksum(&length), data, &checksum(data)].concat()
}

fn masked_crc32c(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(MASK_DELTA)
}

/// Seconds since 1970.
fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |elapsed| elapsed.as_secs_f64())
}
