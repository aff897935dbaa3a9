locals {
  queries = {
    outcomes = <<-EOT
      filter ispresent(outcome)
      | stats count(*) as lines, pct(spent_ms.transform, 50) as p50_ms, pct(spent_ms.transform, 95) as p95_ms by logger, outcome, status
      | sort lines desc
    EOT
    refusals = <<-EOT
      filter ispresent(reason)
      | stats count(*) as lines by logger, outcome, reason
      | sort lines desc
      | limit 50
    EOT
    savings  = <<-EOT
      filter derivative_bytes > 0
      | stats count(*) as derivatives, sum(original_bytes) as from_bytes, sum(derivative_bytes) as to_bytes, sum(original_bytes - derivative_bytes) as saved_bytes by logger
    EOT
    slowest  = <<-EOT
      filter ispresent(spent_ms.transform)
      | fields @timestamp, logger, key, derivative, spent_ms.lookup, spent_ms.fetch, spent_ms.transform, spent_ms.store
      | sort spent_ms.transform desc
      | limit 50
    EOT
  }

  edge_groups     = [for function, settings in var.functions : local.log_groups[function] if settings.edge]
  regional_groups = [for function, settings in var.functions : local.log_groups[function] if !settings.edge]
}

resource "aws_cloudwatch_query_definition" "regional" {
  for_each = length(local.regional_groups) == 0 ? {} : local.queries

  name            = "${var.name}/${each.key}"
  log_group_names = local.regional_groups
  query_string    = each.value
}

# A query covers the groups of its own Region. `invoke logs` covers all Regions.
resource "aws_cloudwatch_query_definition" "edge" {
  for_each = length(local.edge_groups) == 0 ? {} : local.queries

  provider = aws.us_east_1

  name            = "${var.name}/edge/${each.key}"
  log_group_names = local.edge_groups
  query_string    = each.value
}
