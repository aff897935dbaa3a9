"""Tasks of the project, listed by `invoke --list`."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import task

import tools.backfill
import tools.bench.run
import tools.build
import tools.cost
import tools.cost.measure
import tools.docs
import tools.doctor
import tools.erase
import tools.frameworks
import tools.fuzz
import tools.load
import tools.local
import tools.logs
import tools.overview
import tools.provider6
import tools.release
import tools.sign
import tools.simulate
import tools.terraform
from tools.console import ToolError, parse_whole_number, step
from tools.paths import PROJECT
from tools.process import run_module

DEPLOYMENT_HELP = {
    "configuration": "folder of a Terraform configuration of yours that calls the module edge_images, in "
    "place of terraform/; a colon and a name select one of several deployments: infra:images.staging",
    "local": "use the running local stack instead of AWS",
}
ENVIRONMENT_HELP = {
    "var_file": "file of Terraform variables besides terraform/terraform.tfvars; may be given several times",
    "workspace": "Terraform workspace of the deployment; default: the selected one",
}
TRAFFIC_HELP = {
    "requests": "requests a month, such as 20M; default: 1M, 100M, 1B and 10B",
    "originals": "number of originals; default: a thousandth of the requests",
    "sizes": "derivatives of each original in use: widths times formats",
    "zipf": "exponent of the popularity; 0 is equal popularity",
    "ttl-days": "days for which CloudFront caches an image",
    "replaced": "share of the originals that is new or replaced in a month",
    "shield": "with Origin Shield",
    "json": "print JSON",
}
PYTHON_SOURCES = ("tasks.py", "tools", "functions", "libs", "tests")


@task(default=True)
def overview(_: Context) -> None:
    """List the tasks by purpose."""
    print(tools.overview.format_overview(Collection.from_module(sys.modules[__name__])))


@task(
    help={
        "function": "build only this function, named like its folder; may be given several times",
        "builder": "auto (docker if an engine responds), docker or host",
        "image": "build image for docker",
    },
    iterable=["function"],
)
def build(
    _: Context, function: list[str], builder: str = "auto", image: str = tools.build.DEFAULT_IMAGE
) -> None:
    """Build the zips of the functions and dist/manifest.json."""
    tools.build.build(function or None, builder=builder, image=image)


@task(
    positional=["version"],
    help={"version": "number of the release, like 1.0.0, which has a section in CHANGELOG.md"},
)
def release(_: Context, version: str) -> None:
    """Build dist/edge-images-VERSION.zip: modules, zips and documents, for deployments without a build."""
    tools.release.check_version(version)
    tools.build.build()
    print(tools.release.release(version).relative_to(PROJECT))


@task
def lock(_: Context) -> None:
    """Lock the dependencies of the functions, the tools and the tests, with hashes."""
    tools.build.lock(PROJECT)


@task
def docs(_: Context) -> None:
    """Update the tables of variables, outputs and log fields in the documentation from the code."""
    for path in tools.docs.update_docs():
        print(f"updated {path.relative_to(PROJECT)}")


@task(help={"only": "arguments of pytest, such as \"tests/libs -k 'gif or webp'\"; default: all tests"})
def test(_: Context, only: str = "") -> None:
    """Run all tests, including those of Terraform and of the whole local stack."""
    arguments = _split_arguments(only, "only")
    tools.build.build(builder="host")
    # One process per core for tests that compute, and four for tests that wait: see tests/scheduling.py.
    _run("pytest", "--numprocesses", str((os.process_cpu_count() or 1) + 4), *arguments)


@task
def lint(_: Context) -> None:
    """Check format, rules and types of the Python code, and format, validity and security of Terraform."""
    with step("ruff format"):
        _run("ruff", "format", "--check", "--quiet", ".")
    with step("ruff check"):
        _run("ruff", "check", "--quiet", ".")
    with step("mypy"):
        _run("mypy", "--no-error-summary", *PYTHON_SOURCES)
    with step("terraform fmt"):
        tools.terraform.check_format()
    with step("terraform validate"):
        tools.terraform.check_validity()
    with step("checkov"):
        tools.terraform.run_checkov()


@task(
    help={
        "port": "port of the first variant on 127.0.0.1; other variants and the playground have the next",
        "variants": f"variants to deploy, separated by commas: {', '.join(tools.local.VARIANTS)}",
        "origin": f"origin of object_lambda in CloudFront: {', '.join(tools.local.ORIGINS)}",
        "images": "folder of images to upload instead of the samples",
        "var_file": "file with values of Terraform variables, in addition to terraform/terraform.tfvars",
        "detach": "return when the stack is ready; stop it with: ./invokew down",
        "open": "open the playground in the browser",
    }
)
def up(  # noqa: PLR0913, PLR0917  # the options of a command line
    _: Context,
    port: str = "8080",
    variants: str | None = None,
    origin: str | None = None,
    images: str = str(tools.local.SAMPLES),
    var_file: str | None = None,
    detach: bool = False,
    open_: bool = False,
) -> None:
    """Run the whole product on this machine: build, emulate AWS, apply Terraform, serve images."""
    options = tools.local.check_options(
        port=parse_whole_number(port, "port"),
        variants=None if variants is None else variants.split(","),
        origin=origin,
        images=Path(images).expanduser(),
        var_file=None if var_file is None else Path(var_file).expanduser(),
    )
    tools.build.build(builder="host")
    tools.local.up(options, detach=detach, show=open_)


@task
def down(_: Context) -> None:
    """Stop the stack that `invoke up` started, and remove its files."""
    tools.local.down()


@task(
    help={
        **DEPLOYMENT_HELP,
        "yes": "run the backfill; the default prints its extent and cost",
        "job": "ID of an earlier job: wait for its end and print its report",
        "variant": "s3_trigger (originals that were uploaded before its deployment) or regional_resize",
        "options": "for regional_resize: a canonical query such as 'width=640&format=auto-avif', or '' for "
        "the original without metadata; may be given several times",
    },
    iterable=["options"],
)
def backfill(  # noqa: PLR0913, PLR0917  # the options of a command line
    _: Context,
    options: list[str],
    configuration: str | None = None,
    local: bool = False,
    yes: bool = False,
    job: str | None = None,
    variant: str = "s3_trigger",
) -> None:
    """Create derivatives of all originals ahead of their first request."""
    tools.backfill.backfill(
        variant=variant, options=options, local=local, configuration=configuration, yes=yes, job=job
    )


@task(help=DEPLOYMENT_HELP)
def redrive(_: Context, configuration: str | None = None, local: bool = False) -> None:
    """Retry the events in the failure queues of s3_trigger and purge."""
    tools.backfill.redrive(local=local, configuration=configuration)


@task(help=DEPLOYMENT_HELP)
def doctor(_: Context, configuration: str | None = None, local: bool = False) -> None:
    """Check a deployment from outside, with sample images that are deleted in the end."""
    tools.doctor.doctor(local=local, configuration=configuration)


@task(
    help={
        "since": "age of the oldest line, such as 30m, 1h or 7d",
        **DEPLOYMENT_HELP,
    }
)
def logs(_: Context, since: str = "1h", configuration: str | None = None, local: bool = False) -> None:
    """Show outcomes, times, reasons and slowest images from the logs of all functions in all Regions."""
    tools.logs.show_logs(since=since, local=local, configuration=configuration)


@task(
    help={
        "selection": "key of an original, a folder such as cats/, or the beginning of keys such as 'cats/t*'",
        **DEPLOYMENT_HELP,
        "yes": "do not ask for confirmation",
    }
)
def purge(
    _: Context, selection: str, configuration: str | None = None, local: bool = False, yes: bool = False
) -> None:
    """Delete the derivatives of originals and invalidate their URLs; requests make them again."""
    tools.erase.purge(selection, local=local, configuration=configuration, yes=yes)


@task(
    help={
        "key": "key of the original",
        **DEPLOYMENT_HELP,
        "yes": "do not ask for confirmation",
    }
)
def erase(
    _: Context, key: str, configuration: str | None = None, local: bool = False, yes: bool = False
) -> None:
    """Delete an original, its versions and everything made from it, in S3 and in CloudFront."""
    tools.erase.erase(key, local=local, configuration=configuration, yes=yes)


@task(
    help={
        "url": "URL of an image, with its options",
        "expires": "lifetime of the URL, such as 30m, 1h or 7d; default: unlimited",
        "key": "ID of the key",
    }
)
def sign(_: Context, url: str, expires: str | None = None, key: str = tools.sign.DEFAULT_KEY) -> None:
    """Sign the URL of an image with the secret in the environment variable SIGNING_SECRET."""
    print(tools.sign.sign(url, os.environ.get(tools.sign.SECRET_VARIABLE, ""), key=key, expires=expires))


@task(
    help={
        **TRAFFIC_HELP,
        "average-bytes": "bytes of an average response",
        "hit-ratio": "share of the requests that CloudFront serves from its caches; default: the model's",
        "variant": f"only this variant of {', '.join(tools.cost.VARIANTS)}",
        "region": "Region of the bucket",
        "measure": "measure the calls and times of each event on the running local stack first",
        "docs": "write the table and the plot of docs/costs.md",
    }
)
def cost(  # noqa: PLR0913, PLR0917  # the options of a command line
    _: Context,
    requests: str = "",
    originals: str = "",
    average_bytes: str = "40000",
    sizes: str = "6",
    zipf: str = "0.9",
    ttl_days: str = "1",
    replaced: str = "0.05",
    hit_ratio: str = "",
    shield: bool = False,
    variant: str | None = None,
    region: str = "us-east-1",
    json: bool = False,
    measure: bool = False,
    docs: bool = False,
) -> None:
    """Estimate the cost of a month by variant, from the traffic of a site and measured calls."""
    options = (requests, originals, average_bytes, sizes, zipf, ttl_days, replaced, hit_ratio)
    workloads = tools.cost.parse_workloads(*options, shield=shield)
    if measure:
        print(f"wrote {tools.cost.measure.measure().relative_to(PROJECT)}")
    if docs:
        tools.cost.write_docs()
    print(tools.cost.cost(workloads, variant=variant, region=region, as_json=json))


@task(help=ENVIRONMENT_HELP, iterable=["var_file"])
def plan(_: Context, var_file: list[str], workspace: str | None = None) -> None:
    """Show the changes that `invoke apply` would make in AWS."""
    tools.terraform.require_credentials()
    tools.terraform.open_root(var_files=var_file, workspace=workspace).plan()


@task(help={**ENVIRONMENT_HELP, "yes": "do not ask for confirmation"}, iterable=["var_file"])
def apply(_: Context, var_file: list[str], workspace: str | None = None, yes: bool = False) -> None:
    """Apply the Terraform configuration to AWS."""
    tools.terraform.require_credentials()
    tools.terraform.open_root(var_files=var_file, workspace=workspace).apply(ask=not yes)


@task(help={**ENVIRONMENT_HELP, "yes": "do not ask for confirmation"}, iterable=["var_file"])
def destroy(_: Context, var_file: list[str], workspace: str | None = None, yes: bool = False) -> None:
    """Destroy everything that `invoke apply` created in AWS."""
    tools.terraform.require_credentials()
    terraform = tools.terraform.open_root(var_files=var_file, workspace=workspace)
    tools.terraform.require_workspace(terraform, workspace)
    terraform.destroy(ask=not yes)


@task
def bench(_: Context) -> None:
    """Compare images, first requests and throughput with sharp, pyvips, thumbor and others (8 minutes)."""
    tools.build.build(builder="host")
    print(tools.bench.run.bench(PROJECT))


@task(
    help={
        "minutes": "time limit for all targets together; default: 1",
        "executions": "maximum number of executions per target",
        "seed": "seed of the generated files",
        "target": f"only this target of {', '.join(tools.fuzz.TARGETS)}; may be given several times",
    },
    iterable=["target"],
)
def fuzz(
    _: Context,
    target: list[str],
    minutes: str = "0",
    executions: str = "0",
    seed: str = "1",
) -> None:
    """Search for files on which a library crashes, hangs, leaks memory or violates an invariant."""
    tools.fuzz.fuzz(
        target,
        minutes=parse_whole_number(minutes, "minutes"),
        executions=parse_whole_number(executions, "executions"),
        seed=parse_whole_number(seed, "seed"),
    )


@task
def provider6(_: Context) -> None:
    """Compare the configuration with the AWS provider 6, which does not run here (60 MB of bindings)."""
    tools.provider6.check_provider6()


@task
def corpora(_: Context) -> None:
    """Test the files that broke other projects, from their packages, and write docs/corpora.md."""
    tools.fuzz.corpora()


@task
def frameworks(_: Context) -> None:
    """Test the loaders with the real frameworks in Chromium, and write docs/frameworks.md (5 minutes)."""
    tools.build.build(builder="host")
    tools.frameworks.test_frameworks()


@task(
    help={
        **TRAFFIC_HELP,
        "validate": "send traces through the running local stack and the model, and compare the counts",
        "docs": "write the table and the plot of docs/scale.md",
    }
)
def simulate(  # noqa: PLR0913, PLR0917  # the options of a command line
    _: Context,
    requests: str = "",
    originals: str = "",
    sizes: str = "6",
    zipf: str = "0.9",
    ttl_days: str = "1",
    replaced: str = "0.05",
    shield: bool = False,
    json: bool = False,
    validate: bool = False,
    docs: bool = False,
) -> None:
    """Simulate caches, functions and S3 of each variant at up to 10 billion requests a month."""
    if validate:
        tools.simulate.validate_running()
    elif docs:
        tools.simulate.write_docs()
    else:
        options = (requests, originals, "40000", sizes, zipf, ttl_days, replaced, "")
        workloads = tools.cost.parse_workloads(*options, shield=shield)
        print(tools.simulate.simulate(workloads, as_json=json))


@task(
    help={
        "variant": "variant to request: edge_resize, object_lambda or regional_resize",
        "seconds": "duration",
        "connections": "concurrent viewers",
    }
)
def load(_: Context, variant: str = "edge_resize", seconds: str = "600", connections: str = "8") -> None:
    """Send requests to the running local stack, and print rate, errors and memory beside nginx."""
    tools.load.load(
        variant=variant,
        seconds=parse_whole_number(seconds, "seconds"),
        connections=parse_whole_number(connections, "connections"),
    )


@task
def clean(_: Context) -> None:
    """Delete the output of builds, tests and checks, but neither the environment nor a running stack."""
    for pattern in (
        "dist",
        ".corpora",
        "tools/frameworks/work",
        ".*_cache",
        ".hypothesis",
        "**/__pycache__",
    ):
        for folder in PROJECT.glob(pattern):
            if not folder.relative_to(PROJECT).parts[0].startswith((".venv", ".local")):
                shutil.rmtree(folder, ignore_errors=True)  # a folder may contain another


def _split_arguments(text: str, flag: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ToolError(f"--{flag} {text!r} cannot be split into arguments: {error}.") from error


def _run(module: str, *arguments: str) -> None:
    if not run_module(module, *arguments, cwd=PROJECT):
        raise ToolError(f"{module} reported problems: see above.")
