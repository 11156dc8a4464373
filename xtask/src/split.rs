//! Cuts a wasm module into parts: the core, which a page loads, and others that are loaded when
//! somebody first asks for what is in them. All work on one memory, one table and one stack.
//!
//! What belongs to a part is said by modules of the engine, its rooms. The part consists of the
//! functions of its rooms and of all functions and data that only they lead to; what two parts need
//! and the core does not, each has for itself. A function of a room that the core calls is a gate: the
//! core imports it, and whoever instantiates the core gives it a function that calls the part's. The
//! engine sees to it that no gate is entered before its part is there; so that this stays true, a
//! gate must be one of the part's doors, or the build fails. To functions of a part that the core only
//! has pointers to, as those of its table of commands, the part gives it: it sets the places in the
//! table of functions.

use crate::references::{Node, References, address_of};
use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use walrus::ir::Value;
use walrus::{
    ConstExpr, DataId, ElementItems, ElementKind, ExportItem, FunctionId, FunctionKind, GlobalKind,
    ImportedFunction, Module, TableId, ValType,
};

/// The import modules by which the core and its parts know each other.
const CORE: &str = "core";
const PARTS: &str = "parts";

/// What a part of a module is.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// Modules, as `eddyline::command::plain`.
    pub(crate) rooms: &'static [&'static str],
    /// Names of the functions in them that the core may call. What it has function pointers to it
    /// may call too: the table of commands says what is of a part.
    pub(crate) doors: &'static [&'static str],
}

/// Which functions, by their position in the module, and which data, by its address, go where.
struct Cut {
    core: BTreeSet<Node>,
    /// What each part has.
    parts: Vec<BTreeSet<Node>>,
    /// Functions of parts that the core calls.
    gates: BTreeSet<usize>,
    /// Functions of the core that parts call.
    shared: BTreeSet<usize>,
    /// The places of the table of functions, with what is there.
    table: BTreeMap<i32, usize>,
}

/// Cuts a module whose functions still have their names, in rustc's `v0` mangling; `linked` is the
/// same module as the linker wrote it, with relocations and each piece of data for itself. Gives the
/// core, and then the parts in their order.
pub(crate) fn split(whole: &[u8], linked: &[u8], parts: &[Part]) -> Result<Vec<Vec<u8>>> {
    let mut core = Module::from_buffer(whole)?;
    let cut = Cut::of(&core, linked, parts)?;
    let mut hasher = DefaultHasher::new();
    whole.hash(&mut hasher);
    let version = format!("v{:016x}", hasher.finish());
    keep_core(&mut core, &cut, &version)?;
    let mut modules = vec![core.emit_wasm()];
    for own in &cut.parts {
        let mut part = Module::from_buffer(whole)?;
        keep_part(&mut part, own, &cut, &version)?;
        modules.push(part.emit_wasm());
    }
    Ok(modules)
}

impl Cut {
    fn of(module: &Module, linked: &[u8], parts: &[Part]) -> Result<Self> {
        let references = References::of(module, linked)?;
        let rooms: Vec<BTreeSet<Node>> = parts.iter().map(|part| of_rooms(module, part)).collect();
        for (part, room) in parts.iter().zip(&rooms) {
            ensure!(!room.is_empty(), "no function of the rooms of {} is there", part.name);
        }
        let exported = module.exports.iter().filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id.index()),
            _ => None,
        });
        let start = module.start.map(|id| id.index());
        let roots = exported.chain(start).map(Node::Function);
        let roots = roots.chain(references.unexplained.iter().copied());
        let in_room = |node| rooms.iter().any(|room| room.contains(&node));
        let core = references.reached(roots, in_room);
        let entered: BTreeSet<Node> =
            core.iter().flat_map(|node| references.from(*node)).filter(|it| in_room(*it)).collect();
        let gates = gates_of(module, &references, &core, parts, &rooms)?;
        let parts: Vec<BTreeSet<Node>> = rooms
            .iter()
            .map(|room| {
                let entered = entered.intersection(room).copied();
                references.reached(entered, |node| core.contains(&node))
            })
            .collect();
        let mut shared = BTreeSet::new();
        for node in parts.iter().flatten() {
            let Node::Function(caller) = node else { continue };
            let of_core = |called: &usize| core.contains(&Node::Function(*called));
            shared.extend(references.called_by(*caller).filter(of_core));
        }
        Ok(Self { core, parts, gates, shared, table: table_of(module)? })
    }
}

/// The functions of a part's rooms.
fn of_rooms(module: &Module, part: &Part) -> BTreeSet<Node> {
    let functions = module.funcs.iter_local().filter(|(id, _)| {
        let name = module.funcs.get(*id).name.as_deref().unwrap_or_default();
        part.rooms.iter().any(|room| is_of_room(name, room))
    });
    functions.map(|(id, _)| Node::Function(id.index())).collect()
}

/// The functions of rooms that the core calls by name, all of them doors.
fn gates_of(
    module: &Module,
    references: &References,
    core: &BTreeSet<Node>,
    parts: &[Part],
    rooms: &[BTreeSet<Node>],
) -> Result<BTreeSet<usize>> {
    let (mut gates, mut strays) = (BTreeSet::new(), Vec::new());
    for node in core {
        let Node::Function(caller) = *node else { continue };
        for called in references.called_by(caller) {
            let rooms = parts.iter().zip(rooms);
            let mut of =
                rooms.filter(|(_, room)| room.contains(&Node::Function(called))).peekable();
            if of.peek().is_none() {
                continue;
            }
            let name = name_at(module, called);
            let is_door = |door: &&str| name.ends_with(&format!("{}{door}", door.len()));
            if of.any(|(part, _)| part.doors.iter().any(is_door)) {
                gates.insert(called);
            } else {
                strays.push(format!("{} calls {name}, which is no door", name_at(module, caller)));
            }
        }
    }
    ensure!(strays.is_empty(), "{}", strays.join("\n"));
    Ok(gates)
}

fn name_at(module: &Module, position: usize) -> &str {
    let function = module.funcs.iter().find(|function| function.id().index() == position);
    function.and_then(|function| function.name.as_deref()).unwrap_or("a function without a name")
}

/// Whether a mangled name is that of a function of a module such as `eddyline::command::rest`. The first path in
/// a name is the function's own; types that a generic one is made for follow.
fn is_of_room(name: &str, room: &str) -> bool {
    let Some((_, path)) = name.split_once("Cs").and_then(|(_, named)| named.split_once('_')) else {
        return false;
    };
    let mangled: String = room.split("::").map(|part| format!("{}{part}", part.len())).collect();
    path.starts_with(&mangled)
}

/// What function pointers point to.
fn table_of(module: &Module) -> Result<BTreeMap<i32, usize>> {
    let mut table = BTreeMap::new();
    for element in module.elements.iter() {
        let (
            ElementItems::Functions(ids),
            ElementKind::Active { offset: ConstExpr::Value(Value::I32(offset)), .. },
        ) = (&element.items, &element.kind)
        else {
            continue;
        };
        table.extend((*offset..).zip(ids.iter().map(|id| id.index())));
    }
    ensure!(!table.is_empty(), "the table of functions is empty");
    Ok(table)
}

fn export_name(position: usize) -> String {
    format!("f{position}")
}

/// Makes an import of a function that the module has.
fn import_function(module: &mut Module, id: FunctionId, from: &str) {
    let ty = module.funcs.get(id).ty();
    let import = module.imports.add(from, &export_name(id.index()), id);
    module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
}

fn ids(module: &Module, positions: &BTreeSet<usize>) -> Vec<FunctionId> {
    let functions = module.funcs.iter().map(|function| function.id());
    functions.filter(|id| positions.contains(&id.index())).collect()
}

fn table(module: &Module) -> Result<TableId> {
    module.tables.main_function_table()?.context("the module has no table of functions")
}

/// Leaves in the table of functions what is in `own`, each at its place.
fn keep_in_table(module: &mut Module, own: &BTreeSet<Node>, cut: &Cut) -> Result<()> {
    let table = table(module)?;
    let old: Vec<_> = module.elements.iter().map(|element| element.id()).collect();
    for element in old {
        module.elements.delete(element);
    }
    module.tables.get_mut(table).elem_segments.clear();
    let by_position: BTreeMap<usize, FunctionId> =
        module.funcs.iter().map(|function| (function.id().index(), function.id())).collect();
    let mut runs: Vec<(i32, Vec<FunctionId>)> = Vec::new();
    for (place, position) in &cut.table {
        if !own.contains(&Node::Function(*position)) {
            continue;
        }
        let id = by_position[position];
        match runs.last_mut() {
            Some((start, run)) if *start + run.len() as i32 == *place => run.push(id),
            _ => runs.push((*place, vec![id])),
        }
    }
    for (start, run) in runs {
        let kind = ElementKind::Active { table, offset: ConstExpr::Value(Value::I32(start)) };
        let element = module.elements.add(kind, ElementItems::Functions(run));
        module.tables.get_mut(table).elem_segments.insert(element);
    }
    Ok(())
}

/// Leaves of the data what is in `own`, neighbours in one segment.
fn keep_data(module: &mut Module, own: &BTreeSet<Node>) -> Result<()> {
    let memory = module.get_memory_id()?;
    let mut segments = BTreeMap::new();
    for data in module.data.iter() {
        segments.insert(address_of(&data.kind)?, data.id());
    }
    let mut run: Option<(i32, DataId)> = None;
    for (address, id) in segments {
        if !own.contains(&Node::Data(address)) {
            module.data.delete(id);
            module.memories.get_mut(memory).data_segments.remove(&id);
            run = None;
            continue;
        }
        let Some((start, first)) = run else {
            run = Some((address, id));
            continue;
        };
        let value = std::mem::take(&mut module.data.get_mut(id).value);
        let run = &mut module.data.get_mut(first).value;
        run.resize((address - start) as usize, 0);
        run.extend(value);
        module.data.delete(id);
        module.memories.get_mut(memory).data_segments.remove(&id);
    }
    Ok(())
}

/// Makes the module its core. `version` is the name of an export that the parts import, so that parts
/// of two builds cannot be linked.
fn keep_core(module: &mut Module, cut: &Cut, version: &str) -> Result<()> {
    let mark = ConstExpr::Value(Value::I32(0));
    let mark = module.globals.add_local(ValType::I32, false, false, mark);
    module.exports.add(version, mark);
    keep_in_table(module, &cut.core, cut)?;
    keep_data(module, &cut.core)?;
    for gate in ids(module, &cut.gates) {
        import_function(module, gate, PARTS);
    }
    for shared in ids(module, &cut.shared) {
        module.exports.add(&export_name(shared.index()), shared);
    }
    let table = table(module)?;
    module.exports.add("table", table);
    let globals: Vec<_> = module.globals.iter().map(|global| global.id()).collect();
    for global in globals.into_iter().filter(|global| *global != mark) {
        module.exports.add(&format!("g{}", global.index()), global);
    }
    walrus::passes::gc::run(module);
    Ok(())
}

/// Makes the module a part of it that has `own`.
fn keep_part(module: &mut Module, own: &BTreeSet<Node>, cut: &Cut, version: &str) -> Result<()> {
    module.start = None;
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    for export in exports {
        module.exports.delete(export);
    }
    keep_in_table(module, own, cut)?;
    keep_data(module, own)?;
    for shared in ids(module, &cut.shared) {
        import_function(module, shared, CORE);
    }
    let memory = module.get_memory_id()?;
    let import = module.imports.add(CORE, "memory", memory);
    module.memories.get_mut(memory).import = Some(import);
    let table = table(module)?;
    let import = module.imports.add(CORE, "table", table);
    module.tables.get_mut(table).import = Some(import);
    let globals: Vec<_> = module.globals.iter().map(|global| global.id()).collect();
    for global in globals {
        let import = module.imports.add(CORE, &format!("g{}", global.index()), global);
        module.globals.get_mut(global).kind = GlobalKind::Import(import);
    }
    let gates = cut.gates.iter().copied().filter(|gate| own.contains(&Node::Function(*gate)));
    for gate in ids(module, &gates.collect()) {
        module.exports.add(&export_name(gate.index()), gate);
    }
    let (mark, _) = module.add_import_global(CORE, version, ValType::I32, false, false);
    // An import that nothing uses would go.
    module.exports.add(version, mark);
    walrus::passes::gc::run(module);
    Ok(())
}
