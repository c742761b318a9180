//! Makes a traced tree small: conditions are pushed down to what differs, and nested ones are merged.

use crate::expr::{Expr, Op};
use crate::tree::{Each, Entry, Item, Tree};
use serde_json::Value as Json;

/// The same tree, smaller.
pub(crate) fn tidy(tree: Tree) -> Tree {
    match tree {
        Tree::Map(entries) => Tree::Map(
            entries
                .into_iter()
                .filter_map(|entry| match entry {
                    Entry::Field(key, tree) => present(tidy(tree)).map(|tree| Entry::Field(key, tree)),
                    Entry::Splice(tree) => present(tidy(spliced(tree))).map(Entry::Splice),
                })
                .collect(),
        ),
        Tree::List(items) => Tree::List(
            items
                .into_iter()
                .filter_map(|item| match item {
                    Item::One(tree) => present(tidy(tree)).map(Item::One),
                    Item::Splice(tree) => present(tidy(spliced(tree))).map(Item::Splice),
                })
                .collect(),
        ),
        Tree::Choice(arms, last) => choice(arms, *last),
        Tree::Each(each) => Tree::Each(Box::new(Each {
            body: tidy(each.body),
            ..*each
        })),
        Tree::Include { name, body } => Tree::Include {
            name,
            body: Box::new(tidy(*body)),
        },
        other => other,
    }
}

fn present(tree: Tree) -> Option<Tree> {
    (tree != Tree::Absent).then_some(tree)
}

/// To splice nothing in, and to splice an empty list (or map) in, is the same.
fn spliced(tree: Tree) -> Tree {
    match tree {
        Tree::Literal(Json::Array(items)) if items.is_empty() => Tree::Absent,
        Tree::Literal(Json::Object(map)) if map.is_empty() => Tree::Absent,
        Tree::Choice(arms, last) => Tree::Choice(
            arms.into_iter()
                .map(|(condition, arm)| (condition, spliced(arm)))
                .collect(),
            Box::new(spliced(*last)),
        ),
        // A list that is spliced into a list may itself be one splice or several.
        other => other,
    }
}

/// Inside each arm its own condition is known, and those before it are known not to hold.
fn choice(arms: Vec<(Expr, Tree)>, last: Tree) -> Tree {
    let mut known: Vec<(Expr, bool)> = Vec::new();
    let mut conditions = Vec::new();
    let mut branches = Vec::new();
    for (condition, arm) in arms {
        let condition = condition.knowing(&known).settled();
        let mut here = known.clone();
        here.extend(condition.facts(true));
        branches.push(tidy(assume(arm, &here)));
        known.extend(condition.facts(false));
        conditions.push(condition);
    }
    branches.push(tidy(assume(last, &known)));
    join(&conditions, branches)
}

/// One tree for several branches: `conditions[i]` picks `branches[i]`, and none of them the last one.
fn join(conditions: &[Expr], branches: Vec<Tree>) -> Tree {
    if branches.windows(2).all(|pair| pair[0] == pair[1]) {
        return branches.into_iter().next_back().unwrap_or(Tree::Absent);
    }
    if let Some(tree) = join_maps(conditions, &branches)
        .or_else(|| join_named(conditions, &branches))
        .or_else(|| join_lists(conditions, &branches))
    {
        return tree;
    }
    let mut branches = branches;
    let last = branches.pop().unwrap_or(Tree::Absent);
    let mut arms: Vec<(Expr, Tree)> = conditions.iter().cloned().zip(branches).collect();
    if last == Tree::Absent {
        // Variants exclude each other: one that gives nothing need not be asked for.
        let exclusive = |(condition, _): &(Expr, Tree)| matches!(condition, Expr::Call(Op::Equals, _));
        if arms.iter().all(exclusive) {
            arms.retain(|(_, arm)| *arm != Tree::Absent);
        }
    }
    // `if c (nothing) else x` is `if not c x`; an `if` right inside an `if` is an `and`.
    match <[_; 1]>::try_from(arms) {
        Ok([(condition, Tree::Absent)]) => Tree::when(condition.negated(), last),
        Ok([(outer, Tree::Choice(mut inner, inner_last))])
            if last == Tree::Absent && *inner_last == Tree::Absent && inner.len() == 1 =>
        {
            let (condition, tree) = inner.remove(0);
            Tree::when(outer.and(condition), tree)
        }
        Ok([arm]) => Tree::Choice(vec![arm], Box::new(last)),
        Err(arms) => Tree::Choice(arms, Box::new(last)),
    }
}

/// Maps about the same thing, one with all the keys of the others: only the values that differ depend on the choice.
fn join_maps(conditions: &[Expr], branches: &[Tree]) -> Option<Tree> {
    let maps = plain_maps(branches)?;
    let keys = |map: &[Entry]| -> Vec<String> { map.iter().map(|entry| entry.key().to_owned()).collect() };
    let largest = maps.iter().max_by_key(|map| map.len())?;
    let all = keys(largest);
    if !maps.iter().all(|map| keys(map).iter().all(|key| all.contains(key))) {
        return None;
    }
    // Another name is another thing: the two are told apart best when each stands whole.
    let name = |map: &[Entry]| field(map, "name");
    if maps.windows(2).any(|pair| name(pair[0]) != name(pair[1])) {
        return None;
    }
    // With keys of its own *and* other values, a map is another thing, and reads best whole.
    let same_keys = maps.iter().all(|map| map.len() == all.len());
    let same_values = all.iter().all(|key| {
        let values: Vec<Tree> = maps
            .iter()
            .map(|map| field(map, key))
            .filter(|tree| *tree != Tree::Absent)
            .collect();
        values.windows(2).all(|pair| pair[0] == pair[1])
    });
    if !same_keys && !same_values {
        return None;
    }
    let entries = all.iter().map(|key| {
        let values = maps.iter().map(|map| field(map, key)).collect();
        Entry::Field(key.clone(), join(conditions, values))
    });
    Some(Tree::Map(entries.collect()))
}

/// Things of one name that are told apart by other keys: what they have in common stands once.
fn join_named(conditions: &[Expr], branches: &[Tree]) -> Option<Tree> {
    let maps = plain_maps(branches)?;
    let common: Vec<&Entry> = maps[0]
        .iter()
        .filter(|entry| maps.iter().all(|map| map.contains(entry)))
        .collect();
    if !common.iter().any(|entry| entry.key() == "name") || maps.iter().any(|map| map.len() == common.len()) {
        return None;
    }
    let rests = maps
        .iter()
        .map(|map| Tree::Map(map.iter().filter(|entry| !common.contains(entry)).cloned().collect()));
    let mut entries: Vec<Entry> = common.iter().map(|entry| (*entry).clone()).collect();
    entries.push(Entry::Splice(join(conditions, rests.collect())));
    Some(Tree::Map(entries))
}

/// The entries of each branch, where all are maps without splices.
fn plain_maps(branches: &[Tree]) -> Option<Vec<&[Entry]>> {
    let mut maps = Vec::new();
    for branch in branches {
        match branch {
            Tree::Map(entries) if entries.iter().all(|entry| matches!(entry, Entry::Field(..))) => {
                maps.push(entries.as_slice());
            }
            _ => return None,
        }
    }
    Some(maps)
}

fn field(map: &[Entry], key: &str) -> Tree {
    let found = map.iter().find_map(|entry| match entry {
        Entry::Field(name, tree) if name == key => Some(tree.clone()),
        _ => None,
    });
    found.unwrap_or(Tree::Absent)
}

impl Entry {
    fn key(&self) -> &str {
        match self {
            Entry::Field(key, _) => key,
            Entry::Splice(_) => "",
        }
    }
}

/// Lists with the same beginning or end: only what is between depends on the choice.
fn join_lists(conditions: &[Expr], branches: &[Tree]) -> Option<Tree> {
    let lists: Vec<&[Item]> = branches
        .iter()
        .map(|branch| match branch {
            Tree::List(items) => Some(items.as_slice()),
            Tree::Literal(Json::Array(items)) if items.is_empty() => Some(&[][..]),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let shortest = lists.iter().map(|list| list.len()).min()?;
    let same_at = |at: &dyn Fn(&[Item]) -> Item| lists.windows(2).all(|pair| at(pair[0]) == at(pair[1]));
    let head = (0..shortest)
        .take_while(|&i| same_at(&|list: &[Item]| list[i].clone()))
        .count();
    let tail = (0..shortest - head)
        .take_while(|&i| same_at(&|list: &[Item]| list[list.len() - 1 - i].clone()))
        .count();
    let middles: Vec<&[Item]> = lists.iter().map(|list| &list[head..list.len() - tail]).collect();
    let single = middles.iter().all(|middle| matches!(middle, [Item::One(_)]));
    if head + tail == 0 && !single {
        return None;
    }
    let middle = if single {
        let items = middles.iter().map(|middle| match middle {
            [Item::One(tree)] => tree.clone(),
            _ => Tree::Absent,
        });
        Item::One(join(conditions, items.collect()))
    } else {
        let rest = middles.iter().map(|middle| {
            if middle.is_empty() {
                Tree::Absent
            } else {
                Tree::List(middle.to_vec())
            }
        });
        Item::Splice(join(conditions, rest.collect()))
    };
    let whole = lists[0];
    let mut items = whole[..head].to_vec();
    items.push(middle);
    items.extend_from_slice(&whole[whole.len() - tail..]);
    Some(Tree::List(items))
}

/// The tree where some conditions are known.
fn assume(tree: Tree, known: &[(Expr, bool)]) -> Tree {
    let each = |tree: Tree| assume(tree, known);
    match tree {
        Tree::Choice(arms, last) => {
            let mut left = Vec::new();
            for (condition, arm) in arms {
                match truth(&condition, known) {
                    Some(true) => {
                        return if left.is_empty() {
                            each(arm)
                        } else {
                            Tree::Choice(left, Box::new(each(arm)))
                        };
                    }
                    Some(false) => {}
                    None => left.push((condition, each(arm))),
                }
            }
            if left.is_empty() {
                each(*last)
            } else {
                Tree::Choice(left, Box::new(each(*last)))
            }
        }
        Tree::Map(entries) => Tree::Map(
            entries
                .into_iter()
                .map(|entry| match entry {
                    Entry::Field(key, tree) => Entry::Field(key, each(tree)),
                    Entry::Splice(tree) => Entry::Splice(each(tree)),
                })
                .collect(),
        ),
        Tree::List(items) => Tree::List(
            items
                .into_iter()
                .map(|item| match item {
                    Item::One(tree) => Item::One(each(tree)),
                    Item::Splice(tree) => Item::Splice(each(tree)),
                })
                .collect(),
        ),
        Tree::Dynamic(expr) => Tree::Dynamic(expr.knowing(known)),
        other => other,
    }
}

fn truth(condition: &Expr, known: &[(Expr, bool)]) -> Option<bool> {
    if let Expr::Literal(Json::Bool(b)) = condition {
        return Some(*b);
    }
    let negated = condition.clone().negated();
    known.iter().find_map(|(fact, holds)| match fact {
        fact if fact == condition => Some(*holds),
        fact if *fact == negated => Some(!holds),
        _ => None,
    })
}
