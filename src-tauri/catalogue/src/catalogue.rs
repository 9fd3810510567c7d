//! The catalogue: which model a call named, and which of its price points holds for the call.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::front_coded::FrontCoded;
use crate::instant::Seconds;
use crate::point::{Context, List, Point};
use crate::schedule::{Part, Schedule};
use crate::spelling::{self, spellings};

/// A list as it was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which one.
    pub list: List,
    /// Its version: of a release, or the day on which it was fetched.
    pub version: String,
    /// When it was published. What it says of later moments was a forecast then.
    pub published: Seconds,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

/// What a plan costs, if one pays by the month instead of by the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Who sells it.
    pub provider: String,
    /// Its name among the provider's plans.
    pub id: String,
    /// Its name on screen.
    pub name: String,
    /// Nano-dollars a month.
    pub nanos_per_month: i64,
    /// From when on it costs that; `None`: as far back as one likes.
    pub from: Option<Seconds>,
    /// Until when; `None`: still.
    pub to: Option<Seconds>,
    /// The day on which somebody looked.
    pub checked: String,
    /// What else there is to know.
    pub note: Option<String>,
    pub(crate) address: u16,
}

impl Plan {
    /// Whether it was sold at that price at `at`.
    pub fn is_sold(&self, at: Seconds) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// Version of the form in which a catalogue is packed: another one is refused instead of misread.
pub(crate) const FORM: u8 = 1;

/// Prices of models over time, and the names under which calls call them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    pub(crate) form: u8,
    pub(crate) sources: Vec<Source>,
    pub(crate) sellers: Vec<Seller>,
    /// Names of models that their own makers list.
    pub(crate) makers: FrontCoded<u16>,
    /// By id, in the order of their points.
    pub(crate) models: FrontCoded<Model>,
    pub(crate) points: Vec<Point>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) addresses: Vec<String>,
    /// Thousandths of the input rate.
    pub(crate) dearest_long_write: i64,
}

impl fmt::Debug for Catalogue {
    // By hand, since the whole of it is megabytes of text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (models, points) = (self.models.len(), self.points.len());
        f.debug_struct("Catalogue")
            .field("version", &self.version())
            .field("models", &models)
            .field("points", &points)
            .finish_non_exhaustive()
    }
}

/// One who serves models, at prices of their own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seller {
    pub(crate) id: String,
    /// Those whose list prices hold where this one has none of its own.
    pub(crate) fallbacks: Vec<String>,
    pub(crate) names: FrontCoded<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Model {
    pub(crate) seller: u16,
    /// The first of its points. They end where those of the next model begin.
    pub(crate) first: u32,
}

/// How the price of a model was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// In the price list of the provider that ran the call.
    InOwnList,
    /// In the list of another provider, whose prices that one takes over.
    InFallback,
    /// In its maker's list: the provider is not known, or is none that has a list.
    AtMaker,
}

/// One model in one provider's price list.
#[derive(Clone, Copy)]
pub struct Listing<'c> {
    catalogue: &'c Catalogue,
    number: usize,
    id: &'c str,
    seller: &'c Seller,
    points: &'c [Point],
    found: Found,
}

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("provider", &self.provider()).field("model", &self.id).finish_non_exhaustive()
    }
}

impl Catalogue {
    /// The lists that it was made from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What it was made from, by name and version: `genai-prices 0.2.3, model-prices 0.0.5`.
    pub fn version(&self) -> String {
        let names: Vec<String> =
            self.sources.iter().map(|source| format!("{} {}", source.list.as_str(), source.version)).collect();
        names.join(", ")
    }

    /// When the newest of its lists was published.
    pub fn published(&self) -> Seconds {
        self.sources.iter().map(|source| source.published).max().unwrap_or_default()
    }

    /// Whether it was published later than `other`: the newer of its lists, or, where these are of the same moment, the older.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        let dates = |catalogue: &Self| {
            let mut dates: Vec<Seconds> = catalogue.sources.iter().map(|source| source.published).collect();
            dates.sort_unstable_by(|one, next| next.cmp(one));
            dates
        };
        dates(self) > dates(other)
    }

    /// Whether it was made of the very same lists.
    pub fn is_of_the_lists_of(&self, other: &Self) -> bool {
        self.sources.iter().map(|source| &source.sha256).eq(other.sources.iter().map(|source| &source.sha256))
    }

    /// What plans cost.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// Where the evidence of a point or a plan can be read.
    pub fn address(&self, number: u16) -> Option<&str> {
        self.addresses.get(usize::from(number)).map(String::as_str)
    }

    /// Where the price of a plan can be read.
    pub fn address_of_plan(&self, plan: &Plan) -> Option<&str> {
        self.address(plan.address)
    }

    /// What anyone charges at most for writing to a long-lived cache, in thousandths of the input rate: where a provider's
    /// own price for it is not known, it is no higher.
    pub const fn dearest_long_write(&self) -> i64 {
        self.dearest_long_write
    }

    /// A schedule that a point names.
    pub fn schedule(&self, number: u8) -> Option<&Schedule> {
        self.schedules.get(usize::from(number))
    }

    /// Every model in every list: the provider, the model, its points in order of precedence.
    pub fn models(&self) -> impl Iterator<Item = Listing<'_>> {
        (0..self.models.len()).filter_map(|number| self.entry(u16::try_from(number).ok()?, Found::InOwnList))
    }

    /// The price list entry for a model as a call named it, if there is exactly that model.
    ///
    /// A provider that the catalogue knows is asked for its own price, then for those whose prices it takes over. For
    /// any other, such as a gateway of the user's own, the price is what the model's maker lists; but what runs on the user's
    /// own hardware nobody lists.
    pub fn find(&self, provider: Option<&str>, model: &str) -> Option<Listing<'_>> {
        let model = spelling::normal(model);
        let provider = provider.map(|name| name.trim().to_ascii_lowercase());
        if provider.as_deref().is_some_and(spelling::is_own_hardware) {
            return None;
        }
        let Some(own) = provider.and_then(|name| self.seller(&name)) else {
            return self.by_maker(&model);
        };
        if let Some(listing) = self.in_list(own, &model, Found::InOwnList) {
            return Some(listing);
        }
        let mut fallbacks = own.fallbacks.iter().filter_map(|id| self.seller(id));
        fallbacks.find_map(|seller| self.in_list(seller, &model, Found::InFallback))
    }

    /// Whether a source that writes `name` means the provider which the catalogue calls `id`: `Bedrock` is `aws`.
    pub fn is_provider(name: &str, id: &str) -> bool {
        let name = name.trim();
        name.eq_ignore_ascii_case(id) || spelling::provider(&name.to_ascii_lowercase()) == id
    }

    /// The entry of the provider that alone spells a model so, if it has exactly that model: Bedrock for
    /// `us.anthropic.claude-opus-5-5`, Google for `claude-opus-4-5@20251101`.
    pub fn find_by_form(&self, model: &str) -> Option<Listing<'_>> {
        let model = spelling::normal(model);
        let seller = self.seller(spelling::speller(&model)?)?;
        self.in_list(seller, &model, Found::InOwnList)
    }

    pub(crate) fn seller(&self, provider: &str) -> Option<&Seller> {
        let id = spelling::provider(provider);
        self.sellers.iter().find(|seller| seller.id == id)
    }

    fn in_list<'c>(&'c self, seller: &'c Seller, model: &str, found: Found) -> Option<Listing<'c>> {
        let named =
            |model: &str| spellings(model, &seller.id).find_map(|name| self.entry(seller.names.get(&name)?, found));
        named(model).or_else(|| {
            let (vendor, rest) = model.split_once('/')?;
            (spelling::provider(vendor) == seller.id).then(|| named(rest))?
        })
    }

    fn by_maker(&self, model: &str) -> Option<Listing<'_>> {
        // A gateway may put the vendor before the model: `anthropic/claude-opus-5-5`.
        let (vendor, model) = match model.split_once('/') {
            Some((vendor, rest)) => (Some(spelling::provider(vendor)), rest),
            None => (None, model),
        };
        let listing = spellings(model, "").find_map(|name| self.entry(self.makers.get(&name)?, Found::AtMaker));
        listing.filter(|listing| vendor.is_none_or(|vendor| vendor == listing.provider()))
    }

    fn entry(&self, number: u16, found: Found) -> Option<Listing<'_>> {
        let number = usize::from(number);
        let (id, model) = self.models.at(number)?;
        let end = self.models.at(number + 1).map_or(self.points.len(), |(_, next)| next.first as usize);
        let points = self.points.get(model.first as usize..end)?;
        Some(Listing {
            catalogue: self,
            number,
            id,
            seller: self.sellers.get(usize::from(model.seller))?,
            points,
            found,
        })
    }

    /// Its packed form, to be kept.
    ///
    /// # Errors
    /// What does not fit, in words; nothing that [`crate::compile`] made.
    pub fn pack(&self) -> Result<Vec<u8>, String> {
        postcard::to_allocvec(self).map_err(|error| error.to_string())
    }

    /// The catalogue that was packed.
    ///
    /// # Errors
    /// What is wrong with it, in words: damaged, or packed by a version with another form.
    pub fn unpack(packed: &[u8]) -> Result<Self, String> {
        if packed.first() != Some(&FORM) {
            return Err(format!("it is not of the form {FORM} that this version reads"));
        }
        let catalogue: Self = postcard::from_bytes(packed).map_err(|error| error.to_string())?;
        if catalogue.is_whole() { Ok(catalogue) } else { Err("it names parts of itself that are not there".to_owned()) }
    }

    /// Whether names can be found in it, and every number leads somewhere.
    fn is_whole(&self) -> bool {
        self.sellers.iter().map(|seller| &seller.names).chain([&self.makers]).all(|names| {
            names.is_sorted() && names.iter().all(|(_, number)| self.entry(number, Found::InOwnList).is_some())
        }) && self.points.iter().filter_map(|point| point.hours).all(|(number, _)| self.schedule(number).is_some())
    }
}

impl<'c> Listing<'c> {
    /// The provider whose list price this is.
    pub fn provider(&self) -> &'c str {
        &self.seller.id
    }

    /// The model's id in that list.
    pub const fn model(&self) -> &'c str {
        self.id
    }

    /// How it was found.
    pub const fn found(&self) -> Found {
        self.found
    }

    /// All its points, in order of precedence.
    pub const fn points(&self) -> &'c [Point] {
        self.points
    }

    /// The point of a call that was made at `at`, run in `context`, with `prompt` tokens sent; `None` if nothing of that
    /// kind had a price then.
    pub fn point(&self, at: Seconds, context: Context, prompt: u64) -> Option<&'c Point> {
        let points = self.points().iter();
        let mut in_force = points.filter(|point| point.context == context && point.from <= Some(at));
        let from = in_force.clone().next()?.from;
        in_force
            .find(|point| {
                // Points of an earlier time are over, whatever the later ones are for.
                point.from == from && (point.above == 0 || prompt > u64::from(point.above)) && self.is_open(point, at)
            })
            .filter(|point| !point.rates.is_nothing())
    }

    /// The points in force at `at`, for each kind of call: any way of running it, any length of prompt, any hour.
    pub fn in_force(&self, at: Seconds) -> impl Iterator<Item = &'c Point> + use<'c> {
        let points = self.points;
        Context::ALL.into_iter().flat_map(move |context| {
            let in_force = points.iter().filter(move |point| point.context == context && point.from <= Some(at));
            let from = in_force.clone().next().map(|point| point.from);
            in_force.take_while(move |point| Some(point.from) == from)
        })
    }

    /// The point that such a call is priced by: that of ordinary calls where `context` has none of its own. Ways of running a
    /// call are the affair of the provider that runs it, and are not taken over from another's list.
    pub fn charged(&self, at: Seconds, context: Context, prompt: u64) -> Option<&'c Point> {
        let own = context == Context::Standard || self.found != Found::InFallback;
        let own = own.then(|| self.point(at, context, prompt)).flatten();
        own.or_else(|| self.point(at, Context::Standard, prompt))
    }

    /// The hours of the day in which a point holds, if not at all.
    pub fn hours(&self, point: &Point) -> Option<(&'c Schedule, Part)> {
        point.hours.and_then(|(number, part)| Some((self.catalogue.schedule(number)?, part)))
    }

    /// Which entry of the catalogue this is.
    pub(crate) const fn number(&self) -> usize {
        self.number
    }

    /// Until when a point holds; `None`: until further notice.
    pub fn end(&self, point: &Point) -> Option<Seconds> {
        let later = self.points().iter().filter(|other| other.context == point.context && other.from > point.from);
        later.filter_map(|other| other.from).min()
    }

    fn is_open(&self, point: &Point, at: Seconds) -> bool {
        point.hours.is_none() || self.hours(point).is_some_and(|(schedule, part)| schedule.part(at) == part)
    }
}
