using System.CommandLine;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

/// <summary><c>models</c>: what the registry holds, and who serves.</summary>
public sealed partial class CommandLine
{
    private Command Models() => new("models", "List, show, promote, roll back and describe model versions.")
    {
        ListModels(), ShowModel(), PromoteModel(), RollBackModel(), ChallengeModel(), ModelHistory(), DescribeModel(),
    };

    private Command ListModels()
    {
        var search = new Option<string?>("--search") { Description = "A piece of the description, the learner or the tags." };
        var verdict = new Option<string?>("--verdict") { Description = $"What the gate said: {string.Join(", ", VersionFilter.Verdicts)}." };
        var alias = new Option<string?>("--alias") { Description = $"Who has this alias now: {string.Join(", ", ModelAliases.All)}." };
        var algorithm = new Option<string?>("--algorithm") { Description = "The learner's whole name." };
        var tag = new Option<string?>("--tag") { Description = "A tag's key, or key=value." };
        var codeVersion = new Option<string?>("--code-version") { Description = "The whole code version." };
        var before = new Option<int?>("--before") { Description = "Only versions below this one." };
        var limit = new Option<int>("--limit") { Description = $"At most so many, 1 to {VersionList.LongestPage}.", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.GetValue(limit) is var count and (< 1 or > VersionList.LongestPage))
                result.AddError($"--limit is {count}; it must be 1 to {VersionList.LongestPage}.");
        });
        var list = new Command("list", "One line a version, newest first.") { search, verdict, alias, algorithm, tag, codeVersion, before, limit };
        list.SetAction((parsed, cancellation) => ModelVerbs.List(
            _app!,
            new VersionFilter(
                parsed.GetValue(search), parsed.GetValue(verdict), parsed.GetValue(alias), parsed.GetValue(algorithm), parsed.GetValue(tag), parsed.GetValue(codeVersion)),
            parsed.GetValue(before), parsed.GetValue(limit), cancellation));
        return list;
    }

    private Command ShowModel()
    {
        var version = new Argument<string>("version") { Description = "A number, or an alias." };
        var show = new Command("show", "Tell about one version, and whether its stored bytes are sound; exit code 1 if they are not.") { version };
        show.SetAction((parsed, cancellation) => ModelVerbs.Show(_app!, parsed.GetRequiredValue(version), cancellation));
        return show;
    }

    private Command PromoteModel()
    {
        var (version, reason) = (VersionNumber(), Reason());
        var force = new Option<bool>("--force") { Description = "Although the gate did not promote it; the history says so." };
        var promote = new Command("promote", "Put a version in service; the champion becomes previous.") { version, reason, force };
        promote.SetAction((parsed, cancellation) => ModelVerbs.Move(
            _app!, (registry, token) => registry.Promote(parsed.GetValue(version), Decision(parsed, reason) with { Force = parsed.GetValue(force) }, token), cancellation));
        return promote;
    }

    private Command RollBackModel()
    {
        var reason = Reason();
        var rollBack = new Command("rollback", "Put the previous version in service again.") { reason };
        rollBack.SetAction((parsed, cancellation) => ModelVerbs.Move(_app!, (registry, token) => registry.RollBack(Decision(parsed, reason), token), cancellation));
        return rollBack;
    }

    private Command ChallengeModel()
    {
        var version = new Argument<int?>("version") { Description = "Left out: no version is to be challenger.", Arity = ArgumentArity.ZeroOrOne };
        var reason = Reason();
        var challenge = new Command("challenger", "Name a version to be seen beside the champion, or take that alias away.") { version, reason };
        challenge.SetAction((parsed, cancellation) => ModelVerbs.Move(
            _app!,
            (registry, token) => parsed.GetValue(version) is { } number ? registry.Challenge(number, Decision(parsed, reason), token) : registry.Withdraw(Decision(parsed, reason), token),
            cancellation));
        return challenge;
    }

    private Command ModelHistory()
    {
        var alias = new Argument<string?>("alias") { Description = $"{string.Join(", ", ModelAliases.All)}; left out: all.", Arity = ArgumentArity.ZeroOrOne };
        alias.AcceptOnlyFromAmong([.. ModelAliases.All]);
        var history = new Command("history", $"The {ModelVerbs.MovesShown} newest moves of aliases, one line each.") { alias };
        history.SetAction((parsed, cancellation) => ModelVerbs.History(_app!, parsed.GetValue(alias), cancellation));
        return history;
    }

    private Command DescribeModel()
    {
        var version = VersionNumber();
        var description = new Option<string?>("--description") { Description = "Left out: as it is." };
        var tags = new Option<string[]>("--tag") { Description = "key=value, as often as there are tags to set; key= takes one away." };
        var describe = new Command("describe", "Write a version's description and tags.") { version, description, tags };
        describe.SetAction((parsed, cancellation) => ModelVerbs.Describe(
            _app!, parsed.GetValue(version), parsed.GetValue(description), parsed.GetValue(tags) ?? [], cancellation));
        return describe;
    }

    private static Argument<int> VersionNumber() => new("version") { Description = "Such as 3." };

    private static Option<string> Reason() => new("--reason") { Description = "Why, for the history.", Required = true };

    private static AliasDecision Decision(ParseResult parsed, Option<string> reason) => new("command line", parsed.GetRequiredValue(reason));
}
