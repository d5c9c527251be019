//! Mattermost, asked at one Region's own address; and the public name, asked as people do.

use http::Method;
use mmdr_core::ports::{ApplicationReads, ApplicationWrites, Called, JobSeen, PingSeen, ResolverSeen};
use mmdr_core::{Fault, Region, Time, calls};

use crate::http::{READ, request, send};
use crate::inside::Inside;
use crate::{Aws, mattermost};

/// What stands before Mattermost in each Region may add it to every answer. An Application Load Balancer cannot (ELBv2 API,
/// `routing.http.response`: a fixed list of headers).
const REGION_HEADER: &str = "x-mattermost-dr-region";

impl Aws {
    /// Which Region answers at the public name. The name is looked up anew, and no connection is used again.
    async fn answers_publicly(&self) -> Result<Region, Fault> {
        let origin = format!("https://{}", self.deployment.dns.public_name);
        let base = self.settings.served_at(&origin).trim_end_matches('/');
        let request = request(Method::GET, &format!("{base}/api/v4/system/ping"), None)?;
        let answer = mattermost::done(send(self.clients.http_once(), request, READ).await?)?;
        let Some(named) = answer.header(REGION_HEADER) else { return self.has_addresses_of(&origin).await };
        let known = self.deployment.regions.iter().map(|setup| &setup.name).find(|name| name.as_str() == named);
        known.cloned().ok_or_else(|| {
            Fault::Unreadable(format!("{origin} answers from {named:?}: expected one of the two Regions"))
        })
    }
}

impl Aws {
    /// The Region whose addresses the public name has, where every resolver that answers says the same.
    async fn has_addresses_of(&self, origin: &str) -> Result<Region, Fault> {
        let nobody_says =
            |why: &str| Fault::Unreadable(format!("an answer of {origin} has no header {REGION_HEADER}, and {why}"));
        let seen =
            self.ask_resolvers().await.map_err(|_| nobody_says("no resolver says whose addresses the name has"))?;
        match seen.split_first() {
            Some((ResolverSeen { region: Some(region), .. }, rest))
                if rest.iter().all(|it| it.region.as_ref() == Some(region)) =>
            {
                Ok(region.clone())
            }
            _ => Err(nobody_says("resolvers do not agree on whose addresses the name has")),
        }
    }
}

impl ApplicationReads for Aws {
    async fn ping(&self, region: &Region) -> Called<PingSeen> {
        self.inside(&calls::PING, region, Inside::Ping).await
    }

    async fn post_exists(&self, region: &Region, tag: &str) -> Called<bool> {
        self.inside(&calls::POST_EXISTS, region, Inside::PostExists(tag.into())).await
    }

    async fn search_finds(&self, region: &Region, tag: &str) -> Called<bool> {
        self.inside(&calls::SEARCH_FINDS, region, Inside::SearchFinds(tag.into())).await
    }

    async fn file_exists(&self, region: &Region, tag: &str) -> Called<bool> {
        self.inside(&calls::FILE_EXISTS, region, Inside::FileExists(tag.into())).await
    }

    async fn jobs(&self, region: &Region, kind: &str) -> Called<Vec<JobSeen>> {
        self.inside(&calls::JOBS, region, Inside::Jobs(kind.into())).await
    }

    async fn open_sockets(&self, region: &Region) -> Called<u32> {
        self.inside(&calls::OPEN_SOCKETS, region, Inside::OpenSockets).await
    }

    async fn schema_version(&self, region: &Region) -> Called<u32> {
        self.inside(&calls::SCHEMA_VERSION, region, Inside::SchemaVersion).await
    }

    async fn public_name_answers_from(&self, vantage: &Region) -> Called<Region> {
        self.call(&calls::PUBLIC_NAME, vantage, self.answers_publicly()).await
    }
}

impl ApplicationWrites for Aws {
    async fn create_post(&self, region: &Region, tag: &str) -> Called<()> {
        self.change_inside(&calls::CREATE_POST, region, Inside::CreatePost(tag.into())).await
    }

    async fn upload_file(&self, region: &Region, tag: &str) -> Called<()> {
        self.change_inside(&calls::UPLOAD_FILE, region, Inside::UploadFile(tag.into())).await
    }

    async fn create_canary_job(&self, region: &Region) -> Called<JobSeen> {
        self.change_inside(&calls::CREATE_CANARY_JOB, region, Inside::CreateCanaryJob).await
    }

    async fn reindex(&self, region: &Region, from: Time, to: Time) -> Called<JobSeen> {
        self.change_inside(&calls::REINDEX, region, Inside::Reindex { from, to }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::served::{Served, ports, served};

    async fn asked(answer: Served) -> Result<Region, Fault> {
        let (base, _) = served(vec![answer]);
        let seen =
            ports(&[("https://chat.example.com", &base)]).public_name_answers_from(&Region::new("us-east-1")).await;
        seen.map_err(|error| error.fault)
    }

    #[tokio::test]
    async fn the_region_behind_the_public_name_is_told_by_a_header() {
        let answer = Served::With(200, "X-Mattermost-Dr-Region: us-west-1", "{}".into());
        assert_eq!(asked(answer).await, Ok(Region::new("us-west-1")));
    }

    #[tokio::test]
    async fn without_the_header_or_with_one_of_another_region_nobody_can_tell() {
        assert!(matches!(asked(Served::answer(200, "{}")).await, Err(Fault::Unreadable(_))));
        let other = Served::With(200, "X-Mattermost-Dr-Region: eu-west-1", "{}".into());
        assert!(matches!(asked(other).await, Err(Fault::Unreadable(_))));
        assert_eq!(asked(Served::answer(503, "")).await, Err(Fault::LookAgain("503 Service Unavailable".into())));
    }
}
