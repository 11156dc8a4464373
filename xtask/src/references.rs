//! Who refers to what in a module: functions to functions by calls, and, as the linker recorded it,
//! functions and data to data and to functions whose addresses they hold.

use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use walrus::ir::{Value, Visitor, dfs_in_order};
use walrus::{ConstExpr, DataKind, ElementItems, FunctionId, LocalFunction, Module};
use wasmparser::{
    DataSectionReader, ImportSectionReader, KnownCustom, Linking, LinkingSectionReader, Name,
    NameSectionReader, Operator, Parser, Payload, RelocationEntry, RelocationType, SymbolInfo,
    TypeRef,
};

/// A function, by its position in the module, or a segment of data, by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Function(usize),
    Data(i32),
}

/// Who refers to what.
pub(crate) struct References {
    of: BTreeMap<Node, BTreeSet<Node>>,
    /// The functions that others call by name.
    calls: BTreeMap<usize, BTreeSet<usize>>,
    /// What something refers to that is not known here, such as functions that wasm-bindgen has given
    /// another name, or what nothing known refers to though it is in a table or is data.
    pub(crate) unexplained: BTreeSet<Node>,
}

impl References {
    /// Those of a module, `linked` being the same module as the linker wrote it, with relocations.
    pub(crate) fn of(module: &Module, linked: &[u8]) -> Result<Self> {
        let positions: BTreeMap<&str, usize> = module
            .funcs
            .iter()
            .filter_map(|function| Some((function.name.as_deref()?, function.id().index())))
            .collect();
        let calls: BTreeMap<usize, BTreeSet<usize>> = module
            .funcs
            .iter_local()
            .map(|(id, function)| (id.index(), called_by(function)))
            .collect();
        let mut of: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
        for (caller, called) in &calls {
            let called = called.iter().map(|position| Node::Function(*position));
            of.entry(Node::Function(*caller)).or_default().extend(called);
        }
        let node_of = |place: &Place| match place {
            Place::Function(name) => positions.get(name.as_str()).copied().map(Node::Function),
            Place::Data(address) => Some(Node::Data(*address)),
        };
        let mut unexplained: BTreeSet<Node> =
            in_tables(module).into_iter().map(Node::Function).collect();
        for data in module.data.iter() {
            unexplained.insert(Node::Data(address_of(&data.kind)?));
        }
        let mut of_others = BTreeSet::new();
        for (from, to) in recorded(linked)? {
            let Some(to) = node_of(&to) else { continue };
            unexplained.remove(&to);
            match node_of(&from) {
                Some(from) => of.entry(from).or_default().insert(to),
                None => of_others.insert(to),
            };
        }
        unexplained.extend(of_others);
        Ok(Self { of, calls, unexplained })
    }

    /// What is reached from `roots` without entering what `stops` says.
    pub(crate) fn reached(
        &self,
        roots: impl IntoIterator<Item = Node>,
        stops: impl Fn(Node) -> bool,
    ) -> BTreeSet<Node> {
        let mut waiting: Vec<Node> = roots.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(node) = waiting.pop() {
            if stops(node) || !reached.insert(node) {
                continue;
            }
            waiting.extend(self.of.get(&node).into_iter().flatten());
        }
        reached
    }

    /// What a node refers to.
    pub(crate) fn from(&self, node: Node) -> impl Iterator<Item = Node> {
        self.of.get(&node).into_iter().flatten().copied()
    }

    /// The functions that a function calls by name.
    pub(crate) fn called_by(&self, position: usize) -> impl Iterator<Item = usize> {
        self.calls.get(&position).into_iter().flatten().copied()
    }
}

/// The module without what the linker recorded, which nobody else understands.
pub(crate) fn without_records(linked: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(linked)?;
    let is_record = |name: &str| name == "linking" || name.starts_with("reloc.");
    let records: Vec<_> =
        module.customs.iter().filter(|(_, it)| is_record(it.name())).map(|(id, _)| id).collect();
    for record in records {
        module.customs.delete(record);
    }
    Ok(module.emit_wasm())
}

/// The functions that function pointers may point to.
fn in_tables(module: &Module) -> BTreeSet<usize> {
    let items = module.elements.iter().filter_map(|element| match &element.items {
        ElementItems::Functions(ids) => Some(ids.iter().map(|id| id.index())),
        ElementItems::Expressions(..) => None,
    });
    items.flatten().collect()
}

fn called_by(function: &LocalFunction) -> BTreeSet<usize> {
    struct Called(BTreeSet<usize>);
    impl<'instr> Visitor<'instr> for Called {
        fn visit_function_id(&mut self, id: &FunctionId) {
            self.0.insert(id.index());
        }
    }
    let mut called = Called(BTreeSet::new());
    dfs_in_order(&mut called, function, function.entry_block());
    called.0
}

/// The address of a segment of data.
pub(crate) fn address_of(kind: &DataKind) -> Result<i32> {
    match kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(address)), .. } => Ok(*address),
        _ => bail!("a segment of data without an address"),
    }
}

/// As [`Node`], in the linker's words.
enum Place {
    Function(String),
    Data(i32),
}

/// What the linker recorded of a module.
#[derive(Default)]
struct Linked<'a> {
    /// Where functions and segments of data lie in their sections, in order, with what they are.
    bodies: Vec<(usize, u32)>,
    segments: Vec<(usize, i32)>,
    imported: u32,
    names: BTreeMap<u32, &'a str>,
    symbols: Vec<SymbolInfo<'a>>,
    /// Relocations of the code and of the data.
    code: Vec<RelocationEntry>,
    data: Vec<RelocationEntry>,
}

/// The references to data and to addresses of functions.
fn recorded(linked: &[u8]) -> Result<Vec<(Place, Place)>> {
    let linked = Linked::read(linked)?;
    ensure!(!linked.code.is_empty(), "the module was linked without --emit-relocs");
    let mut references = Vec::new();
    for entry in &linked.code {
        let Some(to) = linked.target(entry)? else { continue };
        let body = linked.bodies.partition_point(|(start, _)| *start <= entry.offset as usize);
        let (_, function) =
            linked.bodies[body.checked_sub(1).context("a relocation of no code")?];
        references.push((linked.function(function)?, to));
    }
    for entry in &linked.data {
        let Some(to) = linked.target(entry)? else { continue };
        let at = linked.segments.partition_point(|(start, _)| *start <= entry.offset as usize);
        let (_, address) = linked.segments[at.checked_sub(1).context("a relocation of no data")?];
        references.push((Place::Data(address), to));
    }
    Ok(references)
}

impl<'a> Linked<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut linked = Self::default();
        let (mut code_start, mut section, mut code_section) = (0, 0, None);
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match &payload {
                Payload::ImportSection(imports) => linked.count_imports(imports.clone())?,
                Payload::CodeSectionStart { range, .. } => {
                    (code_start, code_section) = (range.start, Some(section));
                }
                Payload::CodeSectionEntry(body) => {
                    let function = linked.imported + linked.bodies.len() as u32;
                    linked.bodies.push((body.range().start - code_start, function));
                }
                Payload::DataSection(data) => linked.read_segments(data.clone())?,
                Payload::CustomSection(custom) => match custom.as_known() {
                    KnownCustom::Linking(linking) => linked.read_symbols(linking)?,
                    KnownCustom::Name(names) => linked.read_names(names)?,
                    KnownCustom::Reloc(entries) => {
                        let is_code = Some(entries.section_index()) == code_section;
                        let entries = entries.entries().into_iter().collect::<Result<_, _>>()?;
                        *(if is_code { &mut linked.code } else { &mut linked.data }) = entries;
                    }
                    _ => {}
                },
                _ => {}
            }
            section += u32::from(payload.as_section().is_some());
        }
        Ok(linked)
    }

    fn count_imports(&mut self, imports: ImportSectionReader<'a>) -> Result<()> {
        for import in imports.into_imports() {
            self.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
        }
        Ok(())
    }

    fn read_segments(&mut self, segments: DataSectionReader<'a>) -> Result<()> {
        let start = segments.range().start;
        for segment in segments {
            let segment = segment?;
            let wasmparser::DataKind::Active { offset_expr, .. } = segment.kind else {
                bail!("a segment of data without an address");
            };
            let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                bail!("a segment of data at an address that is computed");
            };
            self.segments.push((segment.range.start - start, value));
        }
        Ok(())
    }

    fn read_names(&mut self, names: NameSectionReader<'a>) -> Result<()> {
        for part in names {
            let Name::Function(functions) = part? else { continue };
            for naming in functions {
                let naming = naming?;
                self.names.insert(naming.index, naming.name);
            }
        }
        Ok(())
    }

    fn read_symbols(&mut self, linking: LinkingSectionReader<'a>) -> Result<()> {
        for part in linking {
            if let Linking::SymbolTable(symbols) = part? {
                self.symbols = symbols.into_iter().collect::<Result<_, _>>()?;
            }
        }
        Ok(())
    }

    fn function(&self, index: u32) -> Result<Place> {
        let name =
            self.names.get(&index).with_context(|| format!("function {index} has no name"))?;
        Ok(Place::Function((*name).to_owned()))
    }

    /// What a relocation refers to, if it is data or the address of a function.
    fn target(&self, entry: &RelocationEntry) -> Result<Option<Place>> {
        use RelocationType as Type;
        let is_table = matches!(
            entry.ty,
            Type::TableIndexSleb | Type::TableIndexI32 | Type::TableIndexRelSleb
        );
        let is_data =
            matches!(entry.ty, Type::MemoryAddrLeb | Type::MemoryAddrSleb | Type::MemoryAddrI32);
        if !is_table && !is_data {
            return Ok(None);
        }
        match self.symbols.get(entry.index as usize).context("a relocation to no symbol")? {
            SymbolInfo::Func { index, .. } => self.function(*index).map(Some),
            SymbolInfo::Data { symbol: Some(symbol), .. } => {
                let (_, address) = self.segments[symbol.index as usize];
                Ok(Some(Place::Data(address)))
            }
            // Such as the end of the stack: no segment.
            _ => Ok(None),
        }
    }
}
