//! The plan: what each receiver gets, and the rate of each layer, out of what all paths carry together.

use std::time::{Duration, Instant};

use super::path::Path;
use super::{AT_ONCE, BEGINS, CAREFUL, CAREFUL_FOR, Crowd, GROWTH, Plan, RESTS, SAME, Uplink, VOICE_BPS, need};
use crate::layer::Layer;

impl<K: Copy + Ord> Uplink<K> {
    /// Looks at all paths again. To be called every so often: more is given only by patience.
    pub fn plan(&mut self, now: Instant) -> &Plan<K> {
        let share = self.share();
        let rests = self.pictured.is_none_or(|at| now >= at + RESTS);
        self.rests = rests;
        if rests {
            self.plan.rates = [None; Layer::COUNT];
        }
        for path in self.paths.values_mut().filter(|path| path.crowded) {
            path.crowded = false;
            path.relapse(now);
        }
        self.grow(now);
        if let Some(crowd) = self.crowded.take() {
            (self.growth, self.crowded_at) = (0.0, Some(now));
            let longest = self.paths.values_mut().filter_map(|path| path.relapse(now)).max();
            if let (Crowd::All, Some(patience)) = (crowd, longest) {
                // What was too much for one is too much for all.
                self.paths.values_mut().for_each(|path| path.wait(patience));
            }
        }
        self.plan_screen(share);
        let aside = self.screen.takes(now);
        let thinnest = self.ladder.rungs().first().map_or(0.0, |rung| need(rung.min_kbps));
        let begins = (BEGINS / self.paths.len().max(1) as f64 - VOICE_BPS as f64).max(thinnest);
        let mut rooms: [Option<f64>; Layer::COUNT] = [None; Layer::COUNT];
        let mut receivers = [0.0; Layer::COUNT];
        for path in self.paths.values_mut() {
            let room = path.room(share) - if path.gets_screen { aside } else { 0.0 };
            let room = path.most.map_or(room, |most| room.min(need(most)));
            let room = if rests { room.min(begins) } else { room };
            path.fresh |= rests;
            // One that is held gets no higher layer.
            let growth = if std::mem::take(&mut path.holds) { &mut 0.0 } else { &mut self.growth };
            path.decide(now, room, &self.ladder, &self.plan.rates, growth);
            if let Some(layer) = path.gets {
                let least = &mut rooms[layer.index()];
                *least = Some(least.map_or(room, |least| least.min(room)));
                receivers[layer.index()] += 1.0;
            }
        }
        for (index, room) in rooms.into_iter().enumerate() {
            let rung = Layer::from_index(index).and_then(|layer| self.ladder.rung(layer));
            let old = self.plan.rates[index];
            self.plan.rates[index] = room.zip(rung).map(|(room, rung)| {
                let begins = old.unwrap_or(rung.min_kbps);
                let grows = if rests { 0.0 } else { self.growth.max(0.0) };
                let most = f64::from(begins) + grows / receivers[index] / 1000.0;
                let kbps = (room / 1000.0).min(most).min(f64::from(rung.max_kbps)) as u32;
                let kbps = kbps.max(rung.min_kbps);
                let same = f64::from(begins.abs_diff(kbps)) < SAME * f64::from(begins) && kbps != rung.max_kbps;
                let kbps = if same { begins } else { kbps };
                self.growth -= need(kbps.saturating_sub(begins)) * receivers[index];
                kbps
            });
        }
        let screens = self.paths.iter().filter(|(_, path)| path.gets_screen);
        self.plan.screens = screens.map(|(path, state)| (*path, self.screen.pace(state.room(share)))).collect();
        self.plan.layers = self.paths.iter().map(|(path, state)| (*path, state.gets)).collect();
        &self.plan
    }

    /// The screen leaves the camera its thinnest picture, where it can.
    fn plan_screen(&mut self, share: f64) {
        let face = self.ladder.rungs().first().map_or(0.0, |rung| need(rung.min_kbps));
        for path in self.paths.values_mut() {
            path.gets_screen = self.screen.fits(path.wants_screen, path.gets_screen, path.room(share));
        }
        let receivers = self.paths.values().filter(|path| path.gets_screen);
        let rooms = receivers.map(|path| path.room(share) - if path.wants.is_some() { face } else { 0.0 });
        self.growth -= self.screen.plan(rooms, self.growth);
        self.plan.screen = self.screen.kbps();
    }

    /// What is sent now may become more by so much.
    fn grow(&mut self, now: Instant) {
        let passed = self.planned.replace(now).map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let aside = self.screen.takes(now);
        let screen = |path: &Path| if path.gets_screen { aside } else { 0.0 } + path.carried as f64;
        let sent: f64 = self.paths.values().map(|path| VOICE_BPS as f64 + self.rate(path) + screen(path)).sum();
        let careful = self.crowded_at.is_some_and(|at| now < at + CAREFUL_FOR);
        let growth = if careful { CAREFUL } else { GROWTH };
        let held = self.paths.values().filter(|path| path.holds).count();
        let most = if held > self.paths.len() / 2 { 0.0 } else { AT_ONCE * sent };
        self.growth = (self.growth + growth * sent * passed.as_secs_f64()).min(most);
    }
}
