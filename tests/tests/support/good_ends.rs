//! What must hold when everything works again and nothing runs any more, whatever happened before.

use mmdr_core::Phase;
use mmdr_world::sim::Sim;

/// What does not hold, a sentence each.
pub(crate) fn complaints(sim: &Sim) -> Vec<String> {
    let (model, mut found) = (&sim.model, Vec::new());
    let writer = model.database.writer();
    let (here, there) = (model.name(writer), model.name(1 - writer));
    let mut must = |holds: bool, sentence: String| {
        if !holds {
            found.push(sentence);
        }
    };
    must(model.database.writable(writer), format!("the database in {here} takes no writes"));
    // A detach fences nothing: the cluster that it leaves stays as it is until somebody deletes it.
    let detached = model.database.clusters.iter().any(|cluster| !cluster.in_global);
    must(detached || !model.database.writable(1 - writer), format!("the database in {there} takes writes, too"));
    must(model.nodes.answers(writer), format!("nobody serves in {here}, where the writer is"));
    must(!model.nodes.any_live(1 - writer), format!("nodes live in {there}, where the writer is not"));
    must(model.nodes.claims_jobs(writer), format!("nobody runs jobs in {here}, where the writer is"));
    must(model.dns.answer() == writer, format!("the public name leads to {there}, and {here} writes"));
    must(model.people.without_service() == 0, format!("{} people are without service", model.people.without_service()));
    for region in 0..2 {
        let Some(ledger) = model.objects.peek(region) else { continue };
        let name = model.name(region);
        let settled = ledger.settled.as_ref().map_or("nobody", |settled| settled.writer.as_str());
        // Nobody tells a Region that a detach left while it was dark; what it reads in the other ledger fences it.
        must(
            settled == here || detached && name != here,
            format!("the ledger of {name} has settled {settled}, and {here} writes"),
        );
        let open = ledger.run.as_ref().filter(|line| line.phase != Phase::Closed && line.region.as_str() == name);
        must(open.is_none(), format!("a run is open in {name}: {}", open.map_or("", |line| line.id.0.as_str())));
    }
    found
}
