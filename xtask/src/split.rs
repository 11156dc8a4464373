//! Cuts a wasm module in two: the core, which a page loads, and the rest, which is loaded when
//! somebody first asks for what is in it. Both work on one memory, one table and one stack.
//!
//! What belongs to the rest is said by modules of the engine, its rooms. A function of a room that
//! the core refers to is a gate: the core imports it, and whoever instantiates the core gives it a
//! function that calls the rest's. What is reached through gates only goes to the rest with them. The
//! engine sees to it that no gate is entered before the rest is there; so that this stays true, a
//! gate that the core calls by name must be one of the doors, or the build fails.

use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use walrus::ir::{Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, ElementItems, ExportItem, FunctionId, FunctionKind, GlobalKind, ImportedFunction,
    LocalFunction, Module, TableId, ValType,
};

/// The import modules by which the halves know each other.
const CORE: &str = "core";
const REST: &str = "rest";

/// What the rest of a module is.
pub(crate) struct Rest {
    /// Modules of the engine, as `command::plain`.
    pub(crate) rooms: &'static [&'static str],
    /// Names of the functions in them that the core may call. What it has function pointers to it
    /// may call too: the table of commands says what is of the rest.
    pub(crate) doors: &'static [&'static str],
}

/// Which functions, by their position in the module, go where.
struct Cut {
    /// Functions of the rest that the core refers to.
    gates: BTreeSet<usize>,
    /// Functions of the core that the rest refers to.
    shared: BTreeSet<usize>,
}

/// Cuts a module whose functions still have their names, in rustc's `v0` mangling. Gives the core and
/// the rest.
pub(crate) fn split(whole: &[u8], rest: &Rest) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut core = Module::from_buffer(whole)?;
    let cut = Cut::of(&core, rest)?;
    let mut hasher = DefaultHasher::new();
    whole.hash(&mut hasher);
    let version = format!("v{:016x}", hasher.finish());
    keep_core(&mut core, &cut, &version)?;
    let mut rest = Module::from_buffer(whole)?;
    keep_rest(&mut rest, &cut, &version)?;
    Ok((core.emit_wasm(), rest.emit_wasm()))
}

impl Cut {
    fn of(module: &Module, rest: &Rest) -> Result<Self> {
        let calls: BTreeMap<usize, Vec<usize>> = module
            .funcs
            .iter_local()
            .map(|(id, function)| (id.index(), called_by(function)))
            .collect();
        let is_gate: BTreeSet<usize> = module
            .funcs
            .iter_local()
            .filter(|(id, _)| {
                let name = module.funcs.get(*id).name.as_deref().unwrap_or_default();
                rest.rooms.iter().any(|room| is_of_room(name, room))
            })
            .map(|(id, _)| id.index())
            .collect();
        ensure!(!is_gate.is_empty(), "no function of the rest's rooms is in the module");
        let tabled = in_tables(module);
        let exported = module.exports.iter().filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id.index()),
            _ => None,
        });
        let start = module.start.map(|id| id.index());
        let mut waiting: Vec<usize> = exported.chain(start).chain(tabled.iter().copied()).collect();
        let mut core = BTreeSet::new();
        while let Some(function) = waiting.pop() {
            if is_gate.contains(&function) || !core.insert(function) {
                continue;
            }
            waiting.extend(calls.get(&function).into_iter().flatten());
        }
        let (mut gates, mut shared) = (BTreeSet::new(), BTreeSet::new());
        gates.extend(tabled.into_iter().filter(|id| !core.contains(id)));
        for (caller, called) in &calls {
            let is_core = core.contains(caller);
            let crossing = called.iter().filter(|id| core.contains(id) != is_core);
            if !is_core {
                shared.extend(crossing);
                continue;
            }
            for gate in crossing {
                let name = name_at(module, *gate);
                let is_door = |door: &&str| name.ends_with(&format!("{}{door}", door.len()));
                ensure!(
                    rest.doors.iter().any(is_door),
                    "{} calls {name} of the rest, which is no door",
                    name_at(module, *caller)
                );
                gates.insert(*gate);
            }
        }
        Ok(Self { gates, shared })
    }
}

fn name_at(module: &Module, position: usize) -> &str {
    let function = module.funcs.iter().find(|function| function.id().index() == position);
    function.and_then(|function| function.name.as_deref()).unwrap_or("a function without a name")
}

/// Whether a mangled name is that of a function of a module such as `command::rest`. The first path in
/// a name is the function's own; types that a generic one is made for follow.
fn is_of_room(name: &str, room: &str) -> bool {
    let Some((_, path)) = name.split_once("Cs").and_then(|(_, named)| named.split_once('_')) else {
        return false;
    };
    let parts = ["eddyline"].into_iter().chain(room.split("::"));
    let mangled: String = parts.map(|part| format!("{}{part}", part.len())).collect();
    path.starts_with(&mangled)
}

/// The functions that function pointers may point to.
fn in_tables(module: &Module) -> Vec<usize> {
    let items = module.elements.iter().filter_map(|element| match &element.items {
        ElementItems::Functions(ids) => Some(ids.iter().map(|id| id.index())),
        ElementItems::Expressions(..) => None,
    });
    items.flatten().collect()
}

fn called_by(function: &LocalFunction) -> Vec<usize> {
    struct Called(Vec<usize>);
    impl<'instr> Visitor<'instr> for Called {
        fn visit_function_id(&mut self, id: &FunctionId) {
            self.0.push(id.index());
        }
    }
    let mut called = Called(Vec::new());
    dfs_in_order(&mut called, function, function.entry_block());
    called.0
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

/// Makes the module its core. `version` is the name of an export that the rest imports, so that halves
/// of two builds cannot be linked.
fn keep_core(module: &mut Module, cut: &Cut, version: &str) -> Result<()> {
    let mark = ConstExpr::Value(Value::I32(0));
    let mark = module.globals.add_local(ValType::I32, false, false, mark);
    module.exports.add(version, mark);
    for gate in ids(module, &cut.gates) {
        import_function(module, gate, REST);
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

/// Makes the module its rest.
fn keep_rest(module: &mut Module, cut: &Cut, version: &str) -> Result<()> {
    module.start = None;
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    for export in exports {
        module.exports.delete(export);
    }
    let data: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for data in data {
        module.data.delete(data);
    }
    let elements: Vec<_> = module.elements.iter().map(|element| element.id()).collect();
    for element in elements {
        module.elements.delete(element);
    }
    for shared in ids(module, &cut.shared) {
        import_function(module, shared, CORE);
    }
    let memory = module.get_memory_id()?;
    let import = module.imports.add(CORE, "memory", memory);
    let it = module.memories.get_mut(memory);
    it.import = Some(import);
    it.data_segments.clear();
    let table = table(module)?;
    let import = module.imports.add(CORE, "table", table);
    let it = module.tables.get_mut(table);
    it.import = Some(import);
    it.elem_segments.clear();
    let globals: Vec<_> = module.globals.iter().map(|global| global.id()).collect();
    for global in globals {
        let import = module.imports.add(CORE, &format!("g{}", global.index()), global);
        module.globals.get_mut(global).kind = GlobalKind::Import(import);
    }
    for gate in ids(module, &cut.gates) {
        module.exports.add(&export_name(gate.index()), gate);
    }
    let (mark, _) = module.add_import_global(CORE, version, ValType::I32, false, false);
    // An import that nothing uses would go.
    module.exports.add(version, mark);
    walrus::passes::gc::run(module);
    Ok(())
}
