using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;

namespace Titanic.Web.Registry;

/// <summary><c>/api/models/aliases</c>: which version each alias names, its history, and moving it.</summary>
internal static class AliasesApi
{
    private const int DefaultPage = 50;

    public static void MapAliasesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models/aliases").WithTags("Model registry");
        api.MapGet("", Holders).WithName("showAliases").WithSummary("Show aliases")
            .WithDescription("The version that each alias names now.");
        api.MapGet("history", ([AsParameters] MovePage page, AliasHistory history, CancellationToken cancellation) =>
            Moves(null, page, history, cancellation)).WithName("listAliasMoves").WithSummary("List moves of all aliases")
            .WithDescription("Newest first, a page at a time: who moved an alias, when, why and on which evidence.");
        api.MapGet("{alias}/history", Moves).WithName("listMovesOfAlias").WithSummary("List moves of one alias")
            .WithDescription("Newest first, a page at a time.");
        var moves = api.MapGroup("").RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies()
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        moves.MapPut("{alias}", Assign).WithName("assignAlias").WithSummary("Assign an alias")
            .WithDescription("Puts a version in service as champion, or names a challenger. A version that the gate did not promote has to be forced.")
            .WithExample("challenge", "Name a challenger", """{"version": 1, "reason": "Compare with the champion."}""");
        moves.MapDelete("{alias}", Withdraw).WithName("withdrawAlias").WithSummary("Withdraw an alias")
            .WithDescription("Only challenger can be withdrawn; champion can only be assigned to another version.");
        moves.MapPost("{alias}/rollback", RollBack).WithName("rollBackAlias").WithSummary("Go back to the version before")
            .WithDescription("The previous champion serves again.")
            .WithExample("back", "Go back, whichever version serves now", """{"reason": "The newer version is worse for children."}""");
    }

    private static async Task<Ok<AliasHolders>> Holders(ModelRegistry registry, CancellationToken cancellation) => TypedResults.Ok(await registry.Holders(cancellation));

    private sealed record MovePage(
        [property: Description("Only moves with a smaller number; the newest when it is left out.")] long? Before = null,
        [property: Description("Maximum number of moves."), Example(10), Range(1, AliasHistory.LongestPage)] int Limit = DefaultPage);

    private static async Task<Results<Ok<AliasMovePage>, ProblemHttpResult>> Moves(
        [Description("The alias."), Example(ModelAliases.Champion), ModelAlias] string? alias, [AsParameters] MovePage page,
        AliasHistory history, CancellationToken cancellation)
    {
        var (before, limit) = page;
        if (alias is not null && !ModelAliases.All.Contains(alias))
            return TypedResults.Problem(ModelAliases.Missing(alias), statusCode: StatusCodes.Status404NotFound);
        var found = await history.Read(alias, before, limit + 1, cancellation);
        var path = alias is null ? "history" : $"{alias}/history";
        return TypedResults.Ok(new AliasMovePage(
            [.. found.Take(limit).Select(AliasMoveAnswer.Of)],
            found.Count > limit ? FormattableString.Invariant($"/api/models/aliases/{path}?before={found[limit - 1].AliasAssignmentId}&limit={limit}") : null));
    }

    private static Task<Results<Ok<AliasesMoved>, ProblemHttpResult>> Assign(
        [Description("champion or challenger; previous follows the champion by itself."), Example(ModelAliases.Challenger)]
        [ModelAlias] string alias, AliasWish wish, ModelRegistry registry, ClaimsPrincipal user, CancellationToken cancellation) =>
        Answer(registry, cancellation, () =>
        {
            var decision = new AliasDecision(AuditLog.NameOf(user), wish.Reason ?? "", wish.Force, wish.Seen);
            return alias switch
            {
                ModelAliases.Champion => registry.Promote(wish.Version, decision, cancellation),
                ModelAliases.Challenger => registry.Challenge(wish.Version, decision, cancellation),
                ModelAliases.Previous => throw new RegistryRefusedException(RefusalKind.Conflict, "previous follows the champion by itself and cannot be set; to go back to it, POST /api/models/aliases/champion/rollback."),
                _ => throw new RegistryRefusedException(RefusalKind.Missing, ModelAliases.Missing(alias)),
            };
        });

    private static Task<Results<Ok<AliasesMoved>, ProblemHttpResult>> Withdraw(
        [Description("challenger; no other can be withdrawn."), Example(ModelAliases.Challenger), ModelAlias] string alias,
        [Description("Required."), Example("It has been looked at.")] string? reason, ModelRegistry registry, ClaimsPrincipal user,
        CancellationToken cancellation) => Answer(registry, cancellation, () => alias switch
        {
            ModelAliases.Challenger => registry.Withdraw(new AliasDecision(AuditLog.NameOf(user), reason ?? ""), cancellation),
            _ when ModelAliases.All.Contains(alias) => throw new RegistryRefusedException(RefusalKind.Conflict, $"{alias} cannot be taken away; only challenger can."),
            _ => throw new RegistryRefusedException(RefusalKind.Missing, ModelAliases.Missing(alias)),
        });

    private static Task<Results<Ok<AliasesMoved>, ProblemHttpResult>> RollBack(
        [Description("champion; no other can be rolled back."), Example(ModelAliases.Champion), ModelAlias] string alias,
        RollbackWish wish, ModelRegistry registry, ClaimsPrincipal user, CancellationToken cancellation) =>
        Answer(registry, cancellation, () => alias switch
        {
            ModelAliases.Champion => registry.RollBack(new AliasDecision(AuditLog.NameOf(user), wish.Reason ?? "", Seen: wish.Seen), cancellation),
            _ when ModelAliases.All.Contains(alias) => throw new RegistryRefusedException(RefusalKind.Conflict, $"{alias} cannot be rolled back; only champion can."),
            _ => throw new RegistryRefusedException(RefusalKind.Missing, ModelAliases.Missing(alias)),
        });

    private static async Task<Results<Ok<AliasesMoved>, ProblemHttpResult>> Answer(
        ModelRegistry registry, CancellationToken cancellation, Func<Task<IReadOnlyList<AliasChange>>> move)
    {
        try
        {
            var changes = await move();
            return TypedResults.Ok(new AliasesMoved(changes, await registry.Holders(cancellation)));
        }
        catch (RegistryRefusedException refused)
        {
            return RegistryProblems.Of(refused);
        }
    }
}

/// <param name="Reason">Required.</param>
/// <param name="Force">Put a version in service that the gate did not promote.</param>
/// <param name="Seen">The version that the alias named when this was decided; where another has it by now, nothing is done. Left out: whichever.</param>
internal sealed record AliasWish(int Version, string? Reason = null, bool Force = false, int? Seen = null);

/// <inheritdoc cref="AliasWish"/>
internal sealed record RollbackWish(string? Reason = null, int? Seen = null);

/// <param name="Changes">Empty where everything was so already.</param>
/// <param name="Aliases">Who has which alias now.</param>
internal sealed record AliasesMoved(IReadOnlyList<AliasChange> Changes, AliasHolders Aliases);

/// <inheritdoc cref="AliasAssignment"/>
public sealed record AliasMoveAnswer(
    long Id, [property: ModelAlias] string Alias, int Version, DateTimeOffset AssignedAt, DateTimeOffset? EndedAt, string AssignedBy,
    string Reason, bool IsForced, GateDecision? Evidence,
    string? EndedBy, string? EndReason)
{
    internal static AliasMoveAnswer Of(AliasAssignment a) => new(
        a.AliasAssignmentId, a.Alias, a.Version, a.AssignedAt, a.EndedAt, a.AssignedBy, a.Reason, a.IsForced, a.Evidence, a.EndedBy, a.EndReason);
}

/// <inheritdoc cref="VersionPage"/>
public sealed record AliasMovePage(IReadOnlyList<AliasMoveAnswer> Moves, string? Next);
