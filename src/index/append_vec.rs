//! An append-only sequence that publishes immutable views of itself.
//!
//! Full pages are shared. A view copies only the last, open page, so publishing costs one page at any length.

use std::sync::Arc;

/// Elements per page. A power of two, so that a position splits by shift and mask.
pub(crate) const PAGE: usize = 4096;

/// The growing side, which has one owner.
#[derive(Debug)]
pub(super) struct AppendVec<T> {
    full: Vec<Arc<[T]>>,
    open: Vec<T>,
}

/// A view of everything appended before it was created.
#[derive(Clone, Debug)]
pub struct AppendView<T> {
    pages: Arc<[Arc<[T]>]>,
    len: usize,
}

impl<T> Default for AppendVec<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            open: Vec::new(),
        }
    }
}

impl<T> Default for AppendView<T> {
    fn default() -> Self {
        Self {
            pages: Arc::new([]),
            len: 0,
        }
    }
}

impl<T: Clone> AppendVec<T> {
    pub(super) fn len(&self) -> usize {
        self.full.len() * PAGE + self.open.len()
    }

    pub(super) fn push(&mut self, value: T) {
        self.open.push(value);
        if self.open.len() == PAGE {
            self.full.push(std::mem::take(&mut self.open).into());
        }
    }

    pub(super) fn get(&self, at: usize) -> &T {
        match self.full.get(at / PAGE) {
            Some(page) => &page[at % PAGE],
            None => &self.open[at - self.full.len() * PAGE],
        }
    }

    pub(super) fn view(&self) -> AppendView<T> {
        let open = (!self.open.is_empty()).then(|| self.open.clone().into());
        AppendView {
            pages: self.full.iter().cloned().chain(open).collect(),
            len: self.len(),
        }
    }
}

impl<T> AppendView<T> {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn get(&self, at: usize) -> &T {
        &self.pages[at / PAGE][at % PAGE]
    }

    /// Returns the size of the elements in bytes.
    pub fn bytes(&self) -> usize {
        self.len * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_what_it_saw() {
        let mut paged = AppendVec::default();
        (0..PAGE * 2 + 5).for_each(|n| paged.push(n));
        let view = paged.view();
        (0..PAGE).for_each(|n| paged.push(n));
        assert_eq!(view.len(), PAGE * 2 + 5);
        assert!((0..view.len()).all(|at| *view.get(at) == at));
        assert_eq!(
            (*view.get(PAGE + 1), *paged.get(PAGE * 3)),
            (PAGE + 1, PAGE - 5)
        );
    }
}
