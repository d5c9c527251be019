//! Auto Scaling, 2011-01-01: query and XML. Shapes are botocore's `autoscaling` model.

use mmdr_core::deployment::Platform;
use mmdr_core::ports::NodeState;

use crate::control::state;
use crate::forms::query::Params;
use crate::forms::times;
use crate::reply::{Answered, Protocol, Refusal};
use crate::route::Asked;
use crate::world::World;

pub(crate) const PROTOCOL: Protocol = Protocol::Query("http://autoscaling.amazonaws.com/doc/2011-01-01/");

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    if asked.operation != "DescribeAutoScalingGroups" {
        let text = format!("The action {} is not valid for this web service.", asked.operation);
        return Err(Refusal::new("InvalidAction", text));
    }
    let wanted = params.list("AutoScalingGroupNames", "");
    let setup = world.region(asked.region).filter(|setup| setup.nodes.platform == Platform::AutoScaling);
    let group = setup.map(|setup| (setup.nodes.group.clone(), setup.nodes.count, setup.nodes.target_group_arn.clone()));
    let group = group.filter(|(name, _, _)| wanted.is_empty() || wanted.contains(name));
    let nodes = state::seen(world, asked.region);
    let (zone, now) = (format!("{}a", world.name(asked.region)), world.now());
    Ok(PROTOCOL.result("DescribeAutoScalingGroups", &asked.id, |xml| {
        xml.element("AutoScalingGroups", |xml| {
            let Some((name, count, target_group)) = &group else { return };
            xml.element("member", |xml| {
                xml.text("AutoScalingGroupName", name);
                xml.text("MinSize", count);
                xml.text("MaxSize", count);
                xml.text("DesiredCapacity", count);
                xml.text("DefaultCooldown", 300);
                xml.element("AvailabilityZones", |xml| xml.text("member", &zone));
                xml.element("TargetGroupARNs", |xml| xml.text("member", target_group));
                xml.text("HealthCheckType", "EC2");
                xml.text("CreatedTime", times::iso(now - 86_400_000));
                xml.element("Instances", |xml| {
                    for node in &nodes {
                        xml.element("member", |xml| {
                            xml.text("InstanceId", &node.id);
                            xml.text("AvailabilityZone", &zone);
                            xml.text("LifecycleState", "InService");
                            let healthy = node.state != NodeState::Broken;
                            xml.text("HealthStatus", if healthy { "Healthy" } else { "Unhealthy" });
                            xml.text("ProtectedFromScaleIn", false);
                        });
                    }
                });
            });
        });
    }))
}
