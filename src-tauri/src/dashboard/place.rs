//! Where the window was, and where it may be put again. Pure but for the one small file it remembers in.
//!
//! Between two openings a screen may have been unplugged, moved or rescaled, so what was saved is a wish. Sizes are
//! kept in logical pixels, because that is what a person sees; positions in physical ones, because only those are
//! common to screens of different scale.

use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};

/// Logical pixels.
pub(crate) const DEFAULT_SIZE: (f64, f64) = (1000.0, 700.0);
/// Logical pixels.
pub(crate) const MIN_SIZE: (f64, f64) = (420.0, 560.0);

/// So much of the title bar, in logical pixels, must be on a screen for a hand to reach it.
const REACHABLE: (f64, f64) = (120.0, 24.0);

/// A window as it was left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Left edge, in physical pixels of the whole desktop.
    pub(crate) x: i32,
    /// Top edge, in physical pixels of the whole desktop.
    pub(crate) y: i32,
    /// Logical pixels.
    pub(crate) width: f64,
    /// Logical pixels.
    pub(crate) height: f64,
}

/// The part of a screen that windows may use, in physical pixels of the whole desktop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Screen {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Physical pixels in a logical one.
    pub(crate) scale: f64,
}

/// Where to put a window. Without a position it is centred.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placed {
    /// Physical pixels.
    pub(crate) position: Option<(i32, i32)>,
    /// Logical pixels.
    pub(crate) size: (f64, f64),
}

impl Placed {
    const DEFAULT: Self = Self { position: None, size: DEFAULT_SIZE };
}

/// Puts a window where it was `saved`, as far as `screens` allow: on a screen, with a title bar that can be reached,
/// no larger than that screen and no smaller than the page can be.
pub(crate) fn fit(saved: Option<Place>, screens: &[Screen]) -> Placed {
    let Some(saved) = saved.filter(Place::is_sane) else { return Placed::DEFAULT };
    let home = screens
        .iter()
        .filter(|screen| screen.scale > 0.0)
        .map(|screen| (screen, screen.title_bar_on_it(saved)))
        .filter(|(screen, (width, height))| {
            *width >= REACHABLE.0 * screen.scale && *height >= REACHABLE.1 * screen.scale
        })
        .max_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b));
    match home {
        None => Placed { position: None, size: clamp_size(saved, f64::INFINITY, f64::INFINITY) },
        Some((screen, _)) => {
            let size =
                clamp_size(saved, f64::from(screen.width) / screen.scale, f64::from(screen.height) / screen.scale);
            Placed { position: Some((saved.x, saved.y)), size }
        }
    }
}

fn clamp_size(saved: Place, max_width: f64, max_height: f64) -> (f64, f64) {
    (saved.width.min(max_width).max(MIN_SIZE.0), saved.height.min(max_height).max(MIN_SIZE.1))
}

impl Place {
    /// Not a file that someone or something has broken.
    fn is_sane(&self) -> bool {
        [self.width, self.height].iter().all(|length| length.is_finite() && *length > 0.0 && *length < 100_000.0)
    }
}

impl Screen {
    /// Width and height, in physical pixels, of the part of the window's title bar that would be on this screen.
    fn title_bar_on_it(&self, place: Place) -> (f64, f64) {
        let overlap = |start: i32, length: f64, from: i32, extent: u32| {
            let (start, from) = (f64::from(start), f64::from(from));
            ((start + length).min(from + f64::from(extent)) - start.max(from)).max(0.0)
        };
        (
            overlap(place.x, place.width * self.scale, self.x, self.width),
            overlap(place.y, REACHABLE.1 * self.scale, self.y, self.height),
        )
    }
}

/// The place saved in `file`; `None` if there is none, or none that can be read: a position is not worth an error.
pub(crate) fn load(file: &Path) -> Option<Place> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Saves `place` in `file`, so that a crash leaves either the old one or the new one.
pub(crate) fn save(file: &Path, place: Place) -> io::Result<()> {
    let beside = file.with_extension("json.new");
    fs::write(&beside, serde_json::to_vec(&place)?)?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAPTOP: Screen = Screen { x: 0, y: 0, width: 1920, height: 1200, scale: 1.0 };
    const DENSE: Screen = Screen { x: 1920, y: 0, width: 3840, height: 2160, scale: 2.0 };
    const LEFT: Screen = Screen { x: -1280, y: 100, width: 1280, height: 800, scale: 1.0 };

    const fn at(x: i32, y: i32) -> Place {
        Place { x, y, width: 1000.0, height: 700.0 }
    }

    #[test]
    fn t18_a_window_comes_back_only_to_where_it_can_be_reached() {
        let kept = |x, y| Placed { position: Some((x, y)), size: (1000.0, 700.0) };
        let centred = Placed { position: None, size: (1000.0, 700.0) };
        for (case, saved, screens, placed) in [
            ("first start", None, &[LAPTOP][..], Placed::DEFAULT),
            ("where it was", Some(at(300, 200)), &[LAPTOP], kept(300, 200)),
            ("on the second screen", Some(at(2500, 200)), &[LAPTOP, DENSE], kept(2500, 200)),
            ("left of the first screen", Some(at(-1200, 150)), &[LAPTOP, LEFT], kept(-1200, 150)),
            ("second screen unplugged", Some(at(2500, 200)), &[LAPTOP], centred),
            ("left screen unplugged", Some(at(-1200, 150)), &[LAPTOP], centred),
            ("half over the right edge", Some(at(1400, 200)), &[LAPTOP], kept(1400, 200)),
            ("a sliver at the right edge", Some(at(1850, 200)), &[LAPTOP], centred),
            ("half over the left edge", Some(at(-500, 200)), &[LAPTOP], kept(-500, 200)),
            ("title bar above the screen", Some(at(300, -40)), &[LAPTOP], centred),
            ("title bar below the screen", Some(at(300, 1190)), &[LAPTOP], centred),
            ("astride two screens", Some(at(1500, 200)), &[LAPTOP, DENSE], kept(1500, 200)),
            ("no screen known", Some(at(300, 200)), &[], centred),
            ("a screen without a scale", Some(at(300, 200)), &[Screen { scale: 0.0, ..LAPTOP }], centred),
            ("a minimised window on Windows", Some(at(-32_000, -32_000)), &[LAPTOP], centred),
            ("positions at their limits", Some(at(i32::MAX, i32::MIN)), &[LAPTOP], centred),
        ] {
            assert_eq!(fit(saved, screens), placed, "{case}");
        }
    }

    #[test]
    fn t18_the_size_fits_screen_and_page() {
        let sized = |width, height, screen: Screen| fit(Some(Place { x: 0, y: 0, width, height }), &[screen]).size;
        assert_eq!(sized(2400.0, 1500.0, LAPTOP), (1920.0, 1200.0), "no larger than its screen");
        assert_eq!(sized(2400.0, 1500.0, Screen { x: 0, ..DENSE }), (1920.0, 1080.0), "in logical pixels");
        assert_eq!(sized(100.0, 100.0, LAPTOP), MIN_SIZE, "no smaller than the page can be");
        assert_eq!(
            sized(900.0, 650.0, Screen { width: 300, ..LAPTOP }),
            (420.0, 650.0),
            "the page outranks a tiny screen"
        );
    }

    #[test]
    fn t18_a_broken_file_is_no_place() {
        for (width, height) in [(f64::NAN, 700.0), (0.0, 700.0), (1000.0, -1.0), (1e300, 700.0), (f64::INFINITY, 1.0)] {
            assert_eq!(fit(Some(Place { x: 0, y: 0, width, height }), &[LAPTOP]), Placed::DEFAULT);
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("window.json");
        assert_eq!(load(&file), None);
        fs::write(&file, b"{\"x\":1,").unwrap();
        assert_eq!(load(&file), None);
    }

    #[test]
    fn a_saved_place_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("window.json");
        for place in [at(-1200, 150), at(3, 4)] {
            save(&file, place).unwrap();
            assert_eq!(load(&file), Some(place));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
