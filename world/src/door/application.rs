//! Mattermost's REST API.

use mmdr_core::ports::{ApplicationReads, ApplicationWrites, Called, JobSeen, PingSeen};
use mmdr_core::{Region, Time, calls};

use super::Door;
use crate::model::application;

impl ApplicationReads for Door {
    async fn ping(&self, region: &Region) -> Called<PingSeen> {
        self.call(&calls::PING, region, |model, ctx, ix| application::ping(model, ix, ctx)).await
    }

    async fn post_exists(&self, region: &Region, tag: &str) -> Called<bool> {
        self.call(&calls::POST_EXISTS, region, |model, ctx, ix| application::post_exists(model, ix, tag, ctx)).await
    }

    async fn search_finds(&self, region: &Region, tag: &str) -> Called<bool> {
        self.call(&calls::SEARCH_FINDS, region, |model, ctx, ix| application::search_finds(model, ix, tag, ctx)).await
    }

    async fn file_exists(&self, region: &Region, tag: &str) -> Called<bool> {
        self.call(&calls::FILE_EXISTS, region, |model, ctx, ix| application::file_exists(model, ix, tag, ctx)).await
    }

    async fn jobs(&self, region: &Region, kind: &str) -> Called<Vec<JobSeen>> {
        self.call(&calls::JOBS, region, |model, ctx, ix| application::jobs_of(model, ix, kind, ctx)).await
    }

    async fn open_sockets(&self, region: &Region) -> Called<u32> {
        self.call(&calls::OPEN_SOCKETS, region, |model, ctx, ix| application::open_sockets(model, ix, ctx)).await
    }

    async fn schema_version(&self, region: &Region) -> Called<u32> {
        self.call(&calls::SCHEMA_VERSION, region, |model, ctx, ix| application::schema_version(model, ix, ctx)).await
    }

    async fn public_name_answers_from(&self, vantage: &Region) -> Called<Region> {
        self.call(&calls::PUBLIC_NAME, vantage, |model, ctx, ix| application::public_name_answers_from(model, ix, ctx))
            .await
    }
}

impl ApplicationWrites for Door {
    async fn create_post(&self, region: &Region, tag: &str) -> Called<()> {
        self.call(&calls::CREATE_POST, region, |model, ctx, ix| application::create_post(model, ix, tag, ctx)).await
    }

    async fn upload_file(&self, region: &Region, tag: &str) -> Called<()> {
        self.call(&calls::UPLOAD_FILE, region, |model, ctx, ix| application::upload_file(model, ix, tag, ctx)).await
    }

    async fn create_canary_job(&self, region: &Region) -> Called<JobSeen> {
        self.call(&calls::CREATE_CANARY_JOB, region, |model, ctx, ix| application::create_canary_job(model, ix, ctx))
            .await
    }

    async fn reindex(&self, region: &Region, from: Time, to: Time) -> Called<JobSeen> {
        self.call(&calls::REINDEX, region, |model, ctx, ix| application::reindex(model, ix, from.0, to.0, ctx)).await
    }
}
