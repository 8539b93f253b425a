//! Data sets that are damaged or put together wrongly, in every format: each fault gives one message, before anything is
//! trained, that names the file, what was found and what was expected.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use hdf5_pure::FileBuilder;
use scgan::data::{self, OpenOptions, Split, doctor};
use scgan::taxonomy::Taxonomy;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    PathBuf::from("tests/fixtures/datasets")
}

/// What opening says, or what the full scan finds; it must be one thing.
fn complaint(root: &Path, options: &OpenOptions) -> String {
    let spec = root.to_str().unwrap();
    match data::open(spec, options) {
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains("amiss in"), "{message}");
            message
        }
        Ok(_) => {
            let report = doctor::inspect(spec, options, &mut |_, _| ControlFlow::Continue(())).unwrap();
            assert_eq!(report.n_problems, 1, "{:?}", report.problems);
            report.problems[0].message.clone()
        }
    }
}

/// One way to spoil a data set, and what must be said about it.
struct Fault {
    name: &'static str,
    spoil: fn(&Path),
    said: &'static [&'static str],
}

const fn fault(name: &'static str, spoil: fn(&Path), said: &'static [&'static str]) -> Fault {
    Fault { name, spoil, said }
}

/// Spoils a copy of the data set by each fault in turn.
fn check(make: impl Fn(&Path), faults: &[Fault]) {
    let sound = tempfile::tempdir().unwrap();
    make(sound.path());
    data::open(sound.path().to_str().unwrap(), &OpenOptions::default())
        .expect("the data set is sound before it is spoilt");
    let report =
        doctor::inspect(sound.path().to_str().unwrap(), &OpenOptions::default(), &mut |_, _| ControlFlow::Continue(()))
            .unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    for fault in faults {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        (fault.spoil)(folder.path());
        let message = complaint(folder.path(), &OpenOptions::default());
        println!("{}: {}", fault.name, message.replace(&folder.path().display().to_string(), ""));
        for part in fault.said {
            assert!(message.contains(part), "{}: no {part:?} in {message:?}", fault.name);
        }
    }
}

fn copy_of(fixture: &'static str) -> impl Fn(&Path) {
    move |root| copy_tree(&fixtures().join(fixture), root)
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Changes the lines of a text file.
fn lines(path: PathBuf, change: impl Fn(&mut Vec<String>)) {
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(path, lines.join("\n")).unwrap();
}

fn replace(path: PathBuf, old: &str, new: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{old:?} is not in {}", path.display());
    fs::write(path, text.replacen(old, new, 1)).unwrap();
}

fn cut(path: PathBuf, share: f64) {
    let bytes = fs::read(&path).unwrap();
    fs::write(path, &bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
}

fn write_png(path: PathBuf, width: u32, height: u32, color: png::ColorType, depth: png::BitDepth, fill: u8) {
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let bytes = width as usize * color.samples() * depth as usize / 8 * height as usize;
    encoder.write_header().unwrap().write_image_data(&vec![fill; bytes]).unwrap();
}

fn grey(path: PathBuf, width: u32, height: u32, id: u8) {
    write_png(path, width, height, png::ColorType::Grayscale, png::BitDepth::Eight, id);
}

fn copy(root: &Path, from: &str, to: &str) {
    fs::copy(root.join(from), root.join(to)).unwrap();
}

fn remove(path: PathBuf) {
    fs::remove_file(path).unwrap();
}

#[test]
fn faults_of_celeba() {
    const LIST: &str = "list_attr_celeba.txt";
    const PARTS: &str = "list_eval_partition.txt";
    let mut faults = vec![
        fault(
            "a wrong number of images",
            |root| replace(root.join(LIST), "4", "5"),
            &[LIST, "line 1 says 5 images, but 4 rows follow"],
        ),
        fault(
            "no number of images",
            |root| lines(root.join(LIST), |lines| drop(lines.remove(0))),
            &[LIST, "line 1 is \"5_o_Clock", "expected the number of images"],
        ),
        fault(
            "no names",
            |root| lines(root.join(LIST), |lines| drop(lines.remove(1))),
            &[LIST, "line 2 is the row of 000001.jpg; expected 40 attribute names"],
        ),
        fault(
            "14 names",
            |root| {
                lines(root.join(LIST), |lines| lines[1] = lines[1].split(' ').take(14).collect::<Vec<_>>().join(" "))
            },
            &[LIST, "line 2 has 14 names; expected 40"],
        ),
        fault(
            "a row of 14 values",
            |root| {
                lines(root.join(LIST), |lines| {
                    lines[3] = lines[3].split_whitespace().take(15).collect::<Vec<_>>().join(" ");
                });
            },
            &[LIST, "line 4 (000002.jpg): 14 values for 40 attributes"],
        ),
        fault(
            "an attribute of 0",
            |root| lines(root.join(LIST), |lines| lines[2] = lines[2].replacen("-1", "0", 1)),
            &[LIST, "line 3 (000001.jpg): 5_o_Clock_Shadow is \"0\"; expected 1 or -1"],
        ),
        fault(
            "two columns of one name",
            |root| replace(root.join(LIST), "Arched_Eyebrows", "Male"),
            &[LIST, "two columns are `Male`"],
        ),
        fault("a row twice", |root| replace(root.join(LIST), "000002", "000001"), &[LIST, "line 4", "listed twice"]),
        fault("an empty list", |root| fs::write(root.join(LIST), "").unwrap(), &[LIST, "empty; expected"]),
        fault(
            "a list that is no text",
            |root| fs::write(root.join(LIST), [0x34, 0x0a, 0xff, 0xfe]).unwrap(),
            &[LIST, "not UTF-8"],
        ),
        fault("no list", |root| remove(root.join(LIST)), &["no list_attr_celeba.txt"]),
        fault(
            "no masks at all",
            |root| fs::remove_dir_all(root.join("segmentation")).unwrap(),
            &["no folder segmentation/"],
        ),
        fault(
            "an image without mask",
            |root| remove(root.join("segmentation/000003.png")),
            &["000003.jpg has no mask segmentation/000003.png"],
        ),
        fault(
            "an image without row",
            |root| {
                lines(root.join(LIST), |lines| {
                    lines[0] = "3".to_owned();
                    drop(lines.pop());
                });
            },
            &["000004.jpg has no row in list_attr_celeba.txt"],
        ),
        fault(
            "a part of 3",
            |root| replace(root.join(PARTS), "000003.jpg 1", "000003.jpg 3"),
            &[PARTS, "line 3: 000003.jpg is in part \"3\"; expected 0 (train), 1 (validation) or 2 (test)"],
        ),
        fault(
            "an image in no part",
            |root| lines(root.join(PARTS), |lines| drop(lines.pop())),
            &[PARTS, "no row for the image 000004"],
        ),
        fault(
            "an image in two parts",
            |root| replace(root.join(PARTS), "000003.jpg", "000002.jpg"),
            &[PARTS, "line 3: 000002.jpg is listed twice"],
        ),
        fault(
            "a part without a number",
            |root| replace(root.join(PARTS), "000003.jpg 1", "000003.jpg"),
            &[PARTS, "line 3: \"000003.jpg\"; expected a file name and 0, 1 or 2"],
        ),
        fault(
            "two images of one name",
            |root| copy(root, "img_align_celeba/000001.jpg", "img_align_celeba/000001.png"),
            &["000001.png has the same stem as 000001.jpg"],
        ),
        fault(
            "the label 255",
            |root| grey(root.join("segmentation/000002.png"), 178, 218, 255),
            &["segmentation/000002.png", "label id 255 at (0, 0)", "only ids 0–6"],
        ),
        fault(
            "a mask of 16 bits",
            |root| {
                let path = root.join("segmentation/000002.png");
                write_png(path, 178, 218, png::ColorType::Grayscale, png::BitDepth::Sixteen, 0);
            },
            &["segmentation/000002.png", "16 bits per channel", "8-bit grey"],
        ),
        fault(
            "a mask of a colour that is no label's",
            |root| {
                let path = root.join("segmentation/000002.png");
                write_png(path, 178, 218, png::ColorType::Rgb, png::BitDepth::Eight, 7);
            },
            &["segmentation/000002.png", "colour #070707 at (0, 0)", "palette of taxonomy `celeba-7`"],
        ),
        fault(
            "a mask of another shape",
            |root| grey(root.join("segmentation/000002.png"), 218, 178, 1),
            &["segmentation/000002.png", "218×178 px, but its image is 178×218"],
        ),
        fault(
            "an empty mask file",
            |root| fs::write(root.join("segmentation/000002.png"), "").unwrap(),
            &["segmentation/000002.png", "not a readable PNG"],
        ),
        fault(
            "a mask that is cut off",
            |root| cut(root.join("segmentation/000002.png"), 0.6),
            &["segmentation/000002.png", "not a readable PNG"],
        ),
        fault(
            "a mask that claims to be huge",
            |root| {
                let path = root.join("segmentation/000002.png");
                let mut bytes = fs::read(&path).unwrap();
                bytes[16..24].copy_from_slice(&[0, 0, 0x20, 0, 0, 0, 0x20, 0]);
                let mut crc = flate2::Crc::new();
                crc.update(&bytes[12..29]);
                bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
                fs::write(path, bytes).unwrap();
            },
            &["segmentation/000002.png", "claims 8192×8192 px", "damaged"],
        ),
        fault(
            "an empty image file",
            |root| fs::write(root.join("img_align_celeba/000002.jpg"), "").unwrap(),
            &["img_align_celeba/000002.jpg", "not a readable image"],
        ),
        fault(
            "a JPEG that is cut off",
            |root| cut(root.join("img_align_celeba/000002.jpg"), 0.7),
            &["img_align_celeba/000002.jpg", "not a readable image", "cut off"],
        ),
        fault(
            "an image that is text",
            |root| fs::write(root.join("img_align_celeba/000002.jpg"), "<html>404</html>").unwrap(),
            &["img_align_celeba/000002.jpg", "not a readable image"],
        ),
    ];
    if cfg!(target_os = "linux") {
        faults.extend(of_linux());
    }
    check(copy_of("celeba"), &faults);
}

#[cfg(not(target_os = "linux"))]
fn of_linux() -> Vec<Fault> {
    Vec::new()
}

/// What not every file system can hold.
#[cfg(target_os = "linux")]
fn of_linux() -> Vec<Fault> {
    use std::os::unix::ffi::OsStrExt as _;
    vec![
        fault(
            "a name that is not UTF-8",
            |root| {
                let name = std::ffi::OsStr::from_bytes(b"00000\xff.jpg");
                fs::copy(root.join("img_align_celeba/000001.jpg"), root.join("img_align_celeba").join(name)).unwrap();
            },
            &["img_align_celeba/00000\u{fffd}.jpg", "not UTF-8; rename it"],
        ),
        fault(
            "a link to itself",
            |root| {
                let path = root.join("img_align_celeba/000002.jpg");
                remove(path.clone());
                std::os::unix::fs::symlink("000002.jpg", path).unwrap();
            },
            &["img_align_celeba/000002.jpg", "symbolic link"],
        ),
    ]
}

#[test]
fn faults_of_celebamask_parts() {
    const ANNO: &str = "CelebAMask-HQ-mask-anno";
    check(
        copy_of("celebamask_parts"),
        &[
            fault(
                "a part that nobody knows",
                |root| copy(root, &format!("{ANNO}/0/00000_hat.png"), &format!("{ANNO}/0/00000_cap.png")),
                &["0/00000_cap.png", "expected a name like 00000_skin.png"],
            ),
            fault(
                "a part in another folder",
                |root| copy(root, &format!("{ANNO}/0/00000_hat.png"), &format!("{ANNO}/1/01999_hat.png")),
                &["1/01999_hat.png", "lies in folder 1, but part files of image 1999 belong in folder 0"],
            ),
            fault(
                "a part without image",
                |root| copy(root, &format!("{ANNO}/0/00000_hat.png"), &format!("{ANNO}/0/00005_hat.png")),
                &["0/00005_hat.png", "no image CelebA-HQ-img/5.jpg"],
            ),
            fault(
                "an image without parts",
                |root| fs::remove_dir_all(root.join(ANNO).join("1")).unwrap(),
                &["2000.jpg has no parts like", "1/02000_skin.png"],
            ),
            fault(
                "a part of another size",
                |root| grey(root.join(ANNO).join("1/02000_nose.png"), 16, 16, 255),
                &["1/02000_nose.png", "16×16 px, but the parts before it are 32×32"],
            ),
            fault(
                "parts of another shape",
                |root| grey(root.join(ANNO).join("1/02000_skin.png"), 32, 16, 255),
                &["1/02000_skin.png", "32×16 px, but its image is 64×64"],
            ),
            fault(
                "a part of 16 bits",
                |root| {
                    let path = root.join(ANNO).join("1/02000_nose.png");
                    write_png(path, 32, 32, png::ColorType::Grayscale, png::BitDepth::Sixteen, 0);
                },
                &["1/02000_nose.png", "expected 8 bits per channel"],
            ),
            fault(
                "an image without number",
                |root| copy(root, "CelebA-HQ-img/0.jpg", "CelebA-HQ-img/me.jpg"),
                &["CelebA-HQ-img/me.jpg", "its name is no number; expected one like 0.jpg"],
            ),
            fault(
                "a mapping that is cut off",
                |root| replace(root.join("CelebA-HQ-to-CelebA-mapping.txt"), "170001.jpg", ""),
                &["CelebA-HQ-to-CelebA-mapping.txt", "line 3", "expected three columns"],
            ),
        ],
    );
    check(
        copy_of("celebamask_merged"),
        &[fault(
            "the label 19",
            |root| grey(root.join("masks/1.png"), 32, 32, 19),
            &["masks/1.png", "label id 19 at (0, 0)", "only ids 0–18"],
        )],
    );
}

/// Writes an HDF5 file of three images of 12×8, some of it otherwise than it should be.
fn planes(root: &Path, image: &[u64], mean: &[u64], mask: &[u64], label: u8, pixel: f32) {
    let values = |shape: &[u64]| vec![pixel; shape.iter().product::<u64>() as usize];
    let mut builder = FileBuilder::new();
    builder.create_dataset("ih").with_f32_data(&values(image)).with_shape(image);
    builder.create_dataset("ih_mean").with_f32_data(&values(mean)).with_shape(mean);
    let labels = vec![label; mask.iter().product::<u64>() as usize];
    builder.create_dataset("b_").with_u8_data(&labels).with_shape(mask);
    builder.write(root.join("G2.h5")).unwrap();
}

fn put(root: &Path, fault: &str, name: &str) {
    fs::copy(fixtures().join("fashion_synthesis_faults").join(fault), root.join(name)).unwrap();
}

#[test]
fn faults_of_fashion_synthesis() {
    const ATTRIBUTES: &str = "language_original.mat";
    const IMAGE: [u64; 4] = [3, 3, 12, 8];
    const MEAN: [u64; 4] = [1, 3, 12, 8];
    const MASK: [u64; 4] = [3, 1, 12, 8];
    check(
        copy_of("fashion_synthesis_contiguous"),
        &[
            fault(
                "colours last",
                |root| planes(root, &[3, 12, 8, 3], &MEAN, &MASK, 0, 0.1),
                &["G2.h5", "`/ih` is [3, 12, 8, 3]; expected [N, 3, 128, 128]"],
            ),
            fault(
                "a mean of another size",
                |root| planes(root, &IMAGE, &[1, 3, 8, 12], &MASK, 0, 0.1),
                &["G2.h5", "`/ih_mean` is [1, 3, 8, 12]; expected [1, 3, 12, 8]"],
            ),
            fault(
                "fewer masks than images",
                |root| planes(root, &IMAGE, &MEAN, &[2, 1, 12, 8], 0, 0.1),
                &["G2.h5", "`/b_` is [2, 1, 12, 8]; expected [3, 1, 12, 8]"],
            ),
            fault(
                "no masks",
                |root| {
                    let mut builder = FileBuilder::new();
                    for name in ["ih", "ih_mean"] {
                        builder.create_dataset(name).with_f32_data(&[0.0; 288]).with_shape(&[1, 3, 12, 8]);
                    }
                    builder.write(root.join("G2.h5")).unwrap();
                },
                &["G2.h5", "no data set `/b_`", "it has ih, ih_mean"],
            ),
            fault("a file that is cut off", |root| cut(root.join("G2.h5"), 0.5), &["G2.h5", "cut off or damaged"]),
            fault(
                "an empty file",
                |root| fs::write(root.join("G2.h5"), "").unwrap(),
                &["G2.h5", "not a readable HDF5 file"],
            ),
            fault(
                "no HDF5 at all",
                |root| fs::write(root.join("G2.h5"), [7; 4096]).unwrap(),
                &["G2.h5", "not a readable HDF5 file"],
            ),
            fault(
                "parts counted from 0",
                |root| put(root, "ind_from_0.mat", "ind.mat"),
                &["ind.mat", "`train_ind` is 0 at place 1; expected 1–3"],
            ),
            fault(
                "a part past the end",
                |root| put(root, "ind_past_the_end.mat", "ind.mat"),
                &["ind.mat", "`test_ind` is 4 at place 1; expected 1–3"],
            ),
            fault(
                "an image in both parts",
                |root| put(root, "ind_twice.mat", "ind.mat"),
                &["ind.mat", "`test_ind` lists image 2, which is in `train` already"],
            ),
            fault(
                "no test part",
                |root| put(root, "ind_without_test.mat", "ind.mat"),
                &["ind.mat", "no variable `test_ind`"],
            ),
            fault(
                "the colour 18",
                |root| put(root, "color_18.mat", ATTRIBUTES),
                &[ATTRIBUTES, "`color_` is 18 at place 2; expected 1–17"],
            ),
            fault(
                "half a colour",
                |root| put(root, "color_half.mat", ATTRIBUTES),
                &[ATTRIBUTES, "`color_` is 2.5 at place 2; expected 1–17"],
            ),
            fault(
                "too few colours",
                |root| put(root, "color_short.mat", ATTRIBUTES),
                &[ATTRIBUTES, "`color_` has 2 values for 3 images"],
            ),
            fault(
                "colours as text",
                |root| put(root, "color_text.mat", ATTRIBUTES),
                &[ATTRIBUTES, "`color_` is no array of numbers"],
            ),
            fault(
                "colours in a square",
                |root| put(root, "color_square.mat", ATTRIBUTES),
                &[ATTRIBUTES, "`color_` is [3, 3]; expected N×1 or 1×N"],
            ),
            fault("no attributes", |root| remove(root.join(ATTRIBUTES)), &["no file language_original.mat"]),
            fault(
                "attributes that are cut off",
                |root| cut(root.join(ATTRIBUTES), 0.3),
                &[ATTRIBUTES, "cut off or damaged"],
            ),
            fault("attributes as HDF5", |root| copy(root, "G2.h5", ATTRIBUTES), &[ATTRIBUTES, "not a MATLAB v5 file"]),
        ],
    );
    // Their three samples have the same fault each, so the report is not one line long.
    for (spoil, said) in [
        (planes as fn(&Path, &[u64], &[u64], &[u64], u8, f32), "`/b_` has the label 7 in image 1 of 3; expected 0–6"),
        (
            |root, image, mean, mask, _, _| planes(root, image, mean, mask, 0, f32::NAN),
            "`/ih` has the pixel NaN in image 1 of 3",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        copy_of("fashion_synthesis_contiguous")(folder.path());
        spoil(folder.path(), &IMAGE, &MEAN, &MASK, 7, 0.1);
        let report = doctor::inspect(folder.path().to_str().unwrap(), &OpenOptions::default(), &mut |_, _| {
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!((report.n_problems, report.readable), (3, 0));
        assert!(
            report.problems[0].message.contains("G2.h5") && report.problems[0].message.contains(said),
            "{:?}",
            report.problems
        );
    }
}

#[test]
fn faults_of_lapa_and_multimodal() {
    check(
        copy_of("lapa"),
        &[
            fault(
                "the label 11",
                |root| grey(root.join("val/labels/c_3.png"), 60, 48, 11),
                &["val/labels/c_3.png", "label id 11 at (0, 0)", "only ids 0–10"],
            ),
            fault(
                "an image without mask",
                |root| remove(root.join("test/labels/d_4.png")),
                &["test/images/d_4.jpg has no mask labels/d_4.png"],
            ),
            fault(
                "a table without a row",
                |root| fs::write(root.join("attributes.csv"), "file,Male\na_1,1\nb_2,0\nc_3,0\n").unwrap(),
                &["test/images/d_4.jpg has no row in attributes.csv"],
            ),
        ],
    );
    const SHAPES: &str = "labels/shape/shape_anno_all.txt";
    check(
        copy_of("multimodal"),
        &[
            fault(
                "a shape of 9",
                |root| replace(root.join(SHAPES), " 1 0", " 9 0"),
                &["shape_anno_all.txt", "line 1 (MEN-Denim", "\"9\"; expected a number from 0 to 5"],
            ),
            fault(
                "a row of 13 shapes",
                |root| replace(root.join(SHAPES), " 1 0", " 1 0 0"),
                &["shape_anno_all.txt", "line 1", "13 numbers; expected 12"],
            ),
            fault(
                "an image without shapes",
                |root| lines(root.join(SHAPES), |lines| drop(lines.pop())),
                &["shape_anno_all.txt", "no row for the image WOMEN-Dresses"],
            ),
            fault(
                "the label 24",
                |root| grey(root.join("segm/MEN-Denim-id_00000080-01_7_additional_segm.png"), 50, 74, 24),
                &["segm/MEN-Denim", "label id 24 at (0, 0)", "only ids 0–23"],
            ),
        ],
    );
}

fn plain(root: &Path) {
    fs::create_dir_all(root.join("images")).unwrap();
    fs::create_dir_all(root.join("masks")).unwrap();
    for name in ["a", "b"] {
        write_png(root.join(format!("images/{name}.png")), 16, 16, png::ColorType::Rgb, png::BitDepth::Eight, 90);
        grey(root.join(format!("masks/{name}.png")), 16, 16, 1);
    }
    fs::write(
        root.join("attributes.csv"),
        "file,Black_Hair,Blond_Hair,Brown_Hair,Male,Young\na,1,0,0,0,1\nb,0,0,1,1,0\n",
    )
    .unwrap();
    fs::write(root.join("split.csv"), "file,split\na,train\nb.png,test\n").unwrap();
}

#[test]
fn faults_of_a_plain_folder() {
    check(
        plain,
        &[
            fault(
                "an attribute of 2",
                |root| replace(root.join("attributes.csv"), "b,0", "b,2"),
                &["attributes.csv", "line 3 (b): Black_Hair is \"2\"; expected 0 or 1"],
            ),
            fault(
                "too few values",
                |root| replace(root.join("attributes.csv"), "b,0,", "b,"),
                &["attributes.csv", "line 3 (b): 4 values for 5 attributes"],
            ),
            fault(
                "no header",
                |root| lines(root.join("attributes.csv"), |lines| drop(lines.remove(0))),
                &["attributes.csv", "not the header `file,<attribute>…`"],
            ),
            fault(
                "a quote that stays open",
                |root| replace(root.join("attributes.csv"), "b,0", "\"b,0"),
                &["attributes.csv", "line 3: a quote that is never closed"],
            ),
            fault(
                "no table and no taxonomy",
                |root| remove(root.join("attributes.csv")),
                &["taxonomy.ron", "celeba-7"],
            ),
            fault(
                "a broken taxonomy",
                |root| fs::write(root.join("taxonomy.ron"), "(name: \"x\"").unwrap(),
                &["taxonomy.ron", "not a taxonomy in RON"],
            ),
            fault(
                "a taxonomy without its column",
                |root| {
                    let taxonomy = Taxonomy::builtin("portrait").unwrap();
                    fs::write(root.join("taxonomy.ron"), taxonomy.to_ron().unwrap()).unwrap();
                },
                &["attributes.csv", "no attribute `Red_Hair`"],
            ),
            fault(
                "a part that nobody knows",
                |root| replace(root.join("split.csv"), "test", "exam"),
                &["split.csv", "line 3 (b.png): the part is \"exam\"; expected train, validation or test"],
            ),
            fault(
                "an image in no part",
                |root| lines(root.join("split.csv"), |lines| drop(lines.pop())),
                &["split.csv", "no row for the image b"],
            ),
            fault(
                "no images",
                |root| {
                    fs::remove_dir_all(root.join("images")).unwrap();
                    fs::create_dir(root.join("images")).unwrap();
                },
                &["holds no samples"],
            ),
        ],
    );
}

#[test]
fn faults_of_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let say = |root: &Path, options: &OpenOptions| complaint(root, options);
    let usual = OpenOptions::default();
    assert!(say(folder.path(), &usual).contains("it holds nothing; looked for"));
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    fs::create_dir(folder.path().join("pictures")).unwrap();
    assert!(say(folder.path(), &usual).contains("it holds notes.txt, pictures/; looked for"));
    assert!(say(&folder.path().join("absent"), &usual).contains("absent"));
    plain(&folder.path().join("one"));
    plain(&folder.path().join("two"));
    assert!(say(folder.path(), &usual).contains("several data sets are in it"));

    let celeba = fixtures().join("celeba");
    let bald = OpenOptions { attributes: Some(vec!["Balding".to_owned()]), ..usual.clone() };
    let said = say(&celeba, &bald);
    assert!(
        said.contains("list_attr_celeba.txt") && said.contains("no attribute `Balding`") && said.contains("`Bald`")
    );
    let outfit = OpenOptions { taxonomy: Taxonomy::builtin("outfit"), ..usual.clone() };
    let said = say(&celeba, &outfit);
    assert!(said.contains("`outfit` is asked for, which has no label for `left_eye`"), "{said}");
    let validation = OpenOptions { split: Split::Validation, ..usual };
    let said = say(&fixtures().join("fashion_synthesis_chunked"), &validation);
    assert!(said.contains("no samples in its part `validation`; there are 4 in `train`"), "{said}");
}
