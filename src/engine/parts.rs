//! Where the code of commands is: in a module that was cut a part of it may still have to come.

use super::Engine;
use super::draft::Draft;
use crate::error::CommandError;
use crate::part::Part;
use crate::session::ClientId;

/// Where each part of the engine's code is.
#[derive(Debug)]
pub(super) struct Parts([Place; Part::ALL.len()]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Here,
    Away,
    /// It is away, and the host has tried to have it.
    Missing,
}

impl Parts {
    pub(super) const ALL_HERE: Self = Self([Place::Here; Part::ALL.len()]);

    /// What could not be had is asked for again from now on.
    pub(super) fn forget_failures(&mut self) {
        for place in &mut self.0 {
            if *place == Place::Missing {
                *place = Place::Away;
            }
        }
    }
}

impl Engine {
    /// The code of a part is not there yet: this engine's module was cut, and it is not loaded. Who
    /// asks for a command of it waits, and the turn says so in [`Turn::parts`](crate::Turn::parts).
    /// Nothing has changed by then.
    pub fn await_part(&mut self, part: Part) {
        self.parts.0[part.number()] = Place::Away;
    }

    /// A part of the module is there now (`here`), or it cannot be had: then those who wait for it
    /// are answered with an error, and the next who ask for it wait again. The host then calls
    /// [`Engine::tick`].
    ///
    /// ```
    /// use eddyline::{ClientId, Engine, Limits, Part};
    /// let mut engine = Engine::new(Limits::default());
    /// engine.await_part(Part::Inspection);
    /// let turn = engine.turn(0, ClientId(1), b"XLEN orders\r\nDBSIZE\r\nXLEN orders\r\n");
    /// assert!(turn.parts == [Part::Inspection] && turn.reply == b":0\r\n");
    /// engine.take_part(Part::Inspection, true);
    /// assert_eq!(engine.tick(0).wakes[0].reply, b":0\r\n:0\r\n");
    /// ```
    pub fn take_part(&mut self, part: Part, here: bool) {
        self.parts.0[part.number()] = if here { Place::Here } else { Place::Missing };
    }

    /// Whether a part has to be waited for.
    pub(super) fn lacks(&self, part: Part) -> bool {
        self.parts.0[part.number()] != Place::Here
    }

    /// The code that reads a request which is a line of text is not there.
    pub(super) fn miss_line(&mut self, client: ClientId, draft: &mut Draft) {
        // Nobody knows where the line ends, so if the part cannot be had, this client cannot go on.
        if self.miss(Part::Rest, client, &[b""], draft) {
            self.hang_up(client);
        }
    }

    /// The code of a command is not there. Returns whether the request is done with; if not, it waits
    /// until that is loaded.
    pub(super) fn miss(
        &mut self,
        part: Part,
        client: ClientId,
        argv: &[&[u8]],
        draft: &mut Draft,
    ) -> bool {
        if self.parts.0[part.number()] == Place::Missing {
            self.refuse(client, argv, CommandError::PartMissing.into(), draft);
            return true;
        }
        if !draft.turn.parts.contains(&part) {
            draft.turn.parts.push(part);
        }
        self.stall(client);
        false
    }
}
