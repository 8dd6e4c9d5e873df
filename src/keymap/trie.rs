//! Keys of one scope as a tree of bindings.

use super::{Binding, Key};

/// Children in the order they were bound, which is the display order of hints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trie {
    next: Vec<(Key, Node)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Run(Binding),
    More(Trie),
}

impl Trie {
    pub(super) fn get(&self, key: Key) -> Option<&Node> {
        self.next
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, node)| node)
    }

    /// Node at the end of the keys; at least one key is required.
    pub(super) fn find(&self, keys: &[Key]) -> Option<&Node> {
        let (first, rest) = keys.split_first()?;
        match self.get(*first)? {
            node if rest.is_empty() => Some(node),
            Node::More(trie) => trie.find(rest),
            Node::Run(_) => None,
        }
    }

    /// Binds the keys. Replaces bindings of the same keys, of their prefixes and of longer sequences that start with
    /// them.
    pub(super) fn insert(&mut self, keys: &[Key], binding: Binding) {
        let Some((first, rest)) = keys.split_first() else {
            return;
        };
        let at = self
            .next
            .iter()
            .position(|(key, _)| key == first)
            .unwrap_or_else(|| {
                self.next.push((*first, Node::More(Self::default())));
                self.next.len() - 1
            });
        let node = &mut self.next[at].1;
        if rest.is_empty() {
            *node = Node::Run(binding);
        } else if let Node::More(trie) = node {
            trie.insert(rest, binding);
        } else {
            let mut trie = Self::default();
            trie.insert(rest, binding);
            *node = Node::More(trie);
        }
    }

    /// Unbinds the keys and all sequences that start with them; returns false if there was nothing to unbind.
    pub(super) fn remove(&mut self, keys: &[Key]) -> bool {
        let Some((first, rest)) = keys.split_first() else {
            return false;
        };
        let Some(at) = self.next.iter().position(|(key, _)| key == first) else {
            return false;
        };
        let (removed, empty) = match &mut self.next[at].1 {
            _ if rest.is_empty() => (true, true),
            Node::More(trie) => (trie.remove(rest), trie.next.is_empty()),
            Node::Run(_) => (false, false),
        };
        if empty {
            self.next.remove(at);
        }
        removed
    }

    /// Binding of a proper prefix of the keys, if any.
    pub(super) fn bound_start(&self, keys: &[Key]) -> Option<(usize, &Binding)> {
        (1..keys.len()).find_map(|len| match self.find(&keys[..len])? {
            Node::Run(binding) => Some((len, binding)),
            Node::More(_) => None,
        })
    }

    /// Next keys and their nodes.
    pub(super) fn next(&self) -> impl Iterator<Item = (Key, &Node)> {
        self.next.iter().map(|(key, node)| (*key, node))
    }

    /// All bindings with their keys.
    pub(super) fn bindings(&self) -> Vec<(Vec<Key>, &Binding)> {
        let mut all = Vec::new();
        self.collect(&mut Vec::new(), &mut all);
        all
    }

    fn collect<'a>(&'a self, before: &mut Vec<Key>, all: &mut Vec<(Vec<Key>, &'a Binding)>) {
        for (key, node) in &self.next {
            before.push(*key);
            match node {
                Node::Run(binding) => all.push((before.clone(), binding)),
                Node::More(trie) => trie.collect(before, all),
            }
            before.pop();
        }
    }
}
