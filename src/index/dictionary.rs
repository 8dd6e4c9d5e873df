//! Dictionaries of the distinct values of a field, and of the distinct tuples of several fields, by ordinal.
//!
//! Ordinal 0 is "missing" everywhere. Dictionaries only grow; a view is a prefix that never changes.

use std::fmt;
use std::hash::BuildHasher as _;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::append_vec::{AppendVec, AppendView, PAGE};

/// Position of a value in its dictionary; 0 means that the record does not have the field.
pub type Ordinal = u32;

/// Ordinal of a missing value.
pub const MISSING: Ordinal = 0;

/// Values of one field; maps text to ordinal while growing.
pub struct Dictionary {
    full: Vec<Arc<Page>>,
    open: Page,
    table: HashTable<Ordinal>,
    hasher: RandomState,
}

/// [`PAGE`] concatenated texts. Long texts are stored separately, so that a page stays small.
#[derive(Clone, Default)]
struct Page {
    text: String,
    /// End of each text within `text`; its start is the previous end.
    ends: Vec<u32>,
    /// Long texts by their index in the page; `text` contains nothing for them.
    long: Vec<(u16, Arc<str>)>,
}

/// Length from which a text is long.
const LONG: usize = 1 << 16;

impl Page {
    fn push(&mut self, text: &str) {
        if text.len() >= LONG {
            self.long.push((self.ends.len() as u16, text.into()));
        } else {
            self.text.push_str(text);
        }
        self.ends.push(self.text.len() as u32);
    }

    fn get(&self, at: usize) -> &str {
        let start = if at == 0 {
            0
        } else {
            self.ends[at - 1] as usize
        };
        let end = self.ends[at] as usize;
        if start == end
            && let Ok(i) = self
                .long
                .binary_search_by_key(&(at as u16), |(place, _)| *place)
        {
            return &self.long[i].1;
        }
        &self.text[start..end]
    }

    fn bytes(&self) -> usize {
        self.text.capacity()
            + self.ends.capacity() * 4
            + self.long.iter().map(|(_, t)| t.len()).sum::<usize>()
    }
}

/// A prefix of a dictionary; maps ordinal to text.
#[derive(Clone)]
pub struct DictionaryView {
    pages: Arc<[Arc<Page>]>,
    len: u32,
}

impl Default for DictionaryView {
    fn default() -> Self {
        Self {
            pages: Arc::new([]),
            len: 1,
        }
    }
}

impl Default for Dictionary {
    fn default() -> Self {
        let mut open = Page::default();
        open.push(""); // The slot of `MISSING`.
        Self {
            full: Vec::new(),
            open,
            table: HashTable::new(),
            hasher: RandomState::default(),
        }
    }
}

impl Dictionary {
    /// Returns the number of ordinals in use, including `MISSING`.
    pub fn len(&self) -> u32 {
        (self.full.len() * PAGE + self.open.ends.len()) as u32
    }

    pub fn get(&self, ordinal: Ordinal) -> &str {
        let at = ordinal as usize;
        match self.full.get(at / PAGE) {
            Some(page) => page.get(at % PAGE),
            None => self.open.get(at % PAGE),
        }
    }

    /// Returns the ordinal of a text, assigned now if it is new.
    pub fn intern(&mut self, text: &str) -> Ordinal {
        let hash = self.hasher.hash_one(text);
        let found = self.table.find(hash, |&ordinal| self.get(ordinal) == text);
        if let Some(&ordinal) = found {
            return ordinal;
        }
        let ordinal = self.len();
        self.open.push(text);
        if self.open.ends.len() == PAGE {
            self.full.push(Arc::new(std::mem::take(&mut self.open)));
        }
        // Taken out, because the hashes are computed from the texts.
        let mut table = std::mem::take(&mut self.table);
        enter(&mut table, ordinal, hash, |ordinal| {
            self.hasher.hash_one(self.get(ordinal))
        });
        self.table = table;
        ordinal
    }

    pub fn view(&self) -> DictionaryView {
        let open = (!self.open.ends.is_empty()).then(|| Arc::new(self.open.clone()));
        DictionaryView {
            pages: self.full.iter().cloned().chain(open).collect(),
            len: self.len(),
        }
    }

    /// Returns the memory in bytes, including the lookup table.
    pub fn bytes(&self) -> usize {
        let pages: usize = self.full.iter().map(|p| p.bytes()).sum();
        pages + self.open.bytes() + self.table.capacity() * 5
    }
}

/// Enters the newest ordinal into a table. A full table is rebuilt in order of the ordinals, which is the order of the
/// values in memory. In the table's own order every value would be a cache miss.
fn enter(
    table: &mut HashTable<Ordinal>,
    newest: Ordinal,
    hash: u64,
    hash_of: impl Fn(Ordinal) -> u64,
) {
    let insert = |table: &mut HashTable<Ordinal>, ordinal, hash| {
        table.insert_unique(hash, ordinal, |_| unreachable!("there is room"));
    };
    if table.len() == table.capacity() {
        *table = HashTable::with_capacity((newest as usize * 2).max(16));
        for ordinal in 1..=newest {
            insert(table, ordinal, hash_of(ordinal));
        }
    } else {
        insert(table, newest, hash);
    }
}

impl DictionaryView {
    /// Returns the number of ordinals, including `MISSING`.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Returns the text of an ordinal, or `None` for `MISSING`.
    pub fn get(&self, ordinal: Ordinal) -> Option<&str> {
        (ordinal != MISSING)
            .then(|| self.pages[ordinal as usize / PAGE].get(ordinal as usize % PAGE))
    }

    /// Returns the size of the texts in bytes.
    pub fn bytes(&self) -> usize {
        self.pages.iter().map(|page| page.bytes()).sum()
    }

    /// Iterates over all texts in stretches that can be searched as one. `MISSING` is an empty text.
    pub fn stretches(&self) -> impl Iterator<Item = Stretch<'_>> {
        (0..).zip(self.pages.iter()).map(|(n, page)| Stretch {
            first: n * PAGE as Ordinal,
            page,
        })
    }

    /// Iterates over texts with their ordinals, from an ordinal on, without `MISSING`.
    pub fn iter_from(&self, first: Ordinal) -> impl Iterator<Item = (Ordinal, &str)> {
        (first.max(1)..self.len).map(|ordinal| (ordinal, self.get(ordinal).unwrap_or_default()))
    }
}

/// Neighbouring texts of a dictionary, concatenated.
#[derive(Clone, Copy)]
pub struct Stretch<'a> {
    first: Ordinal,
    page: &'a Page,
}

impl<'a> Stretch<'a> {
    /// Returns the range of ordinals it covers.
    pub fn ordinals(&self) -> Range<Ordinal> {
        self.first..self.first + self.page.ends.len() as Ordinal
    }

    pub fn is_ascii(&self) -> bool {
        self.page.text.is_ascii()
    }

    /// Calls `each` for each text in which `find` finds something of length `len`. `find` receives all bytes and a
    /// start position. Long texts are not searched, see [`Self::apart`].
    pub fn holding(
        &self,
        len: usize,
        find: impl Fn(&[u8], usize) -> Option<usize>,
        mut each: impl FnMut(Ordinal, &'a str),
    ) {
        let Page { text, ends, .. } = self.page;
        let (mut from, mut at) = (0, 0);
        while let Some(found) = find(text.as_bytes(), from) {
            // The next match is usually near: gallop with doubled steps, then bisect.
            let before = |end: &u32| *end as usize <= found;
            let mut ahead = 1;
            while ends.get(at + ahead).is_some_and(before) {
                ahead *= 2;
            }
            at += ends[at..ends.len().min(at + ahead + 1)].partition_point(before);
            let Some(&end) = ends.get(at) else { return };
            from = end as usize;
            if found + len <= from {
                each(self.first + at as Ordinal, self.page.get(at));
            }
        }
    }

    /// Iterates over the long texts, which are stored separately.
    pub fn apart(&self) -> impl Iterator<Item = (Ordinal, &'a str)> {
        let apart = self.page.long.iter();
        apart.map(|(at, text)| (self.first + Ordinal::from(*at), &**text))
    }
}

/// Distinct combinations of a fixed number of ordinals. The combination of only `MISSING` is 0.
pub struct TupleDictionary {
    rows: AppendVec<Tuple>,
    table: HashTable<Ordinal>,
    hasher: RandomState,
}

/// Number of members of the widest group of fields.
pub const WIDTH: usize = 7;

/// One combination; members past the group's width are `MISSING`.
pub type Tuple = [Ordinal; WIDTH];

/// A prefix of a tuple dictionary.
pub type TupleView = AppendView<Tuple>;

impl Default for TupleDictionary {
    fn default() -> Self {
        let mut rows = AppendVec::default();
        rows.push([MISSING; WIDTH]);
        Self {
            rows,
            table: HashTable::new(),
            hasher: RandomState::default(),
        }
    }
}

impl TupleDictionary {
    pub fn len(&self) -> u32 {
        self.rows.len() as u32
    }

    pub fn get(&self, ordinal: Ordinal) -> &Tuple {
        self.rows.get(ordinal as usize)
    }

    pub fn intern(&mut self, tuple: &Tuple) -> Ordinal {
        if *tuple == [MISSING; WIDTH] {
            return MISSING;
        }
        let hash = self.hasher.hash_one(tuple);
        if let Some(&found) = self
            .table
            .find(hash, |&ordinal| self.rows.get(ordinal as usize) == tuple)
        {
            return found;
        }
        let ordinal = self.len();
        self.rows.push(*tuple);
        let (rows, hasher) = (&self.rows, &self.hasher);
        enter(&mut self.table, ordinal, hash, |ordinal| {
            hasher.hash_one(rows.get(ordinal as usize))
        });
        ordinal
    }

    pub fn view(&self) -> TupleView {
        self.rows.view()
    }

    pub fn bytes(&self) -> usize {
        self.rows.len() * size_of::<Tuple>() + self.table.capacity() * 5
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DictionaryView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DictionaryView")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Stretch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stretch")
            .field("ordinals", &self.ordinals())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TupleDictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TupleDictionary")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_stable_and_views_do_not_change() {
        let mut dictionary = Dictionary::default();
        let words: Vec<String> = (0..10_000).map(|n| format!("value-{n}")).collect();
        let ordinals: Vec<Ordinal> = words.iter().map(|w| dictionary.intern(w)).collect();
        let view = dictionary.view();
        let long = "x".repeat(LONG * 2);
        let far = dictionary.intern(&long);
        assert_eq!(
            dictionary.intern(""),
            far + 1,
            "empty is a value of its own"
        );
        assert_eq!(
            words
                .iter()
                .map(|w| dictionary.intern(w))
                .collect::<Vec<_>>(),
            ordinals
        );
        assert_eq!(dictionary.view().get(far), Some(&*long));
        assert_eq!(dictionary.view().get(far + 1), Some(""));
        assert_eq!(view.len(), 10_001);
        assert_eq!(view.get(MISSING), None);
        assert!(
            view.iter_from(1)
                .map(|(_, text)| text)
                .eq(words.iter().map(String::as_str))
        );
    }

    #[test]
    fn tuples_of_nothing_are_missing() {
        let mut tuples = TupleDictionary::default();
        assert_eq!(tuples.intern(&[0; WIDTH]), MISSING);
        let one = tuples.intern(&[1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(tuples.intern(&[1, 0, 0, 0, 0, 0, 0]), one);
        assert_ne!(tuples.intern(&[0, 1, 0, 0, 0, 0, 0]), one);
        assert_eq!(tuples.view().get(one as usize)[0], 1);
    }
}
