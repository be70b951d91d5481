using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Titanic.Web.Access;

namespace Titanic.Web.Registry;

/// <summary><c>/api/models/aliases</c>: shows the aliases and their history, and moves them.</summary>
internal static class AliasesApi
{
    private const int DefaultPageSize = 50;

    public static void MapAliasesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/models/aliases").WithTags("Model registry");
        api.MapGet("", Show).WithName("showAliases").WithSummary("Show aliases")
            .WithDescription("The version that each alias names now.");
        api.MapGet("history", ([AsParameters] MovePage page, AliasHistory history, CancellationToken cancellation) =>
            ListMoves(null, page, history, cancellation)).WithName("listAliasMoves").WithSummary("List moves of all aliases")
            .WithDescription("Newest first, in pages: who moved an alias, when, why and on which evidence.");
        api.MapGet("{alias}/history", ListMoves).WithName("listMovesOfAlias").WithSummary("List moves of one alias")
            .WithDescription("Newest first, in pages.");
        var moves = api.MapGroup("").RequireAuthorization(AccessPolicies.Operator).RequireAntiforgeryForCookies()
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        moves.MapPut("{alias}", Assign).WithName("assignAlias").WithSummary("Set an alias")
            .WithDescription("Promotes a version to champion, or makes it the challenger. A version whose gate verdict is not PROMOTE requires force.")
            .WithExample("challenge", "Set the challenger", """{"version": 1, "reason": "Compare with the champion."}""");
        moves.MapDelete("{alias}", Withdraw).WithName("withdrawAlias").WithSummary("Remove an alias")
            .WithDescription("Only challenger can be removed; champion can only move to another version.");
        moves.MapPost("{alias}/rollback", RollBack).WithName("rollBackAlias").WithSummary("Roll back to the previous champion")
            .WithDescription("Makes the previous version champion again.")
            .WithExample("back", "Roll back, whichever version is champion", """{"reason": "The newer version is worse for children."}""");
    }

    private static async Task<Ok<CurrentAliases>> Show(ModelRegistry registry, CancellationToken cancellation) => TypedResults.Ok(await registry.ReadAliases(cancellation));

    private sealed record MovePage(
        [property: Description("Returns only moves with a smaller number; omit it for the newest.")] long? Before = null,
        [property: Description("Maximum number of moves."), Example(10), Range(1, AliasHistory.MaximumPageSize)] int Limit = DefaultPageSize);

    private static async Task<Results<Ok<AliasMovePage>, ProblemHttpResult>> ListMoves(
        [Description("The alias."), Example(ModelAliases.Champion), ModelAlias] string? alias, [AsParameters] MovePage page,
        AliasHistory history, CancellationToken cancellation)
    {
        var (before, limit) = page;
        if (alias is not null && !ModelAliases.All.Contains(alias))
            return TypedResults.Problem(ModelAliases.NotFoundMessage(alias), statusCode: StatusCodes.Status404NotFound);
        var found = await history.Read(alias, before, limit + 1, cancellation);
        var path = alias is null ? "history" : $"{alias}/history";
        return TypedResults.Ok(new AliasMovePage(
            [.. found.Take(limit).Select(AliasMoveResponse.Of)],
            found.Count > limit ? FormattableString.Invariant($"/api/models/aliases/{path}?before={found[limit - 1].AliasAssignmentId}&limit={limit}") : null));
    }

    private static Task<Results<Ok<AliasesResponse>, ProblemHttpResult>> Assign(
        [Description("champion or challenger; previous is set automatically."), Example(ModelAliases.Challenger)]
        [ModelAlias] string alias, AliasMoveRequest request, ModelRegistry registry, ClaimsPrincipal user, CancellationToken cancellation) =>
        Respond(registry, cancellation, () =>
        {
            var decision = new AliasDecision(AuditLog.CallerName(user), request.Reason ?? "", request.Force, request.Seen);
            return alias switch
            {
                ModelAliases.Champion => registry.Promote(request.Version, decision, cancellation),
                ModelAliases.Challenger => registry.Challenge(request.Version, decision, cancellation),
                ModelAliases.Previous => throw new RegistryException(RegistryErrorKind.Conflict, "The alias previous is set automatically and cannot be set by a request; to roll back to it, POST /api/models/aliases/champion/rollback."),
                _ => throw new RegistryException(RegistryErrorKind.NotFound, ModelAliases.NotFoundMessage(alias)),
            };
        });

    private static Task<Results<Ok<AliasesResponse>, ProblemHttpResult>> Withdraw(
        [Description("challenger; no other alias can be removed."), Example(ModelAliases.Challenger), ModelAlias] string alias,
        [Description("Required."), Example("The comparison is complete.")] string? reason, ModelRegistry registry, ClaimsPrincipal user,
        CancellationToken cancellation) => Respond(registry, cancellation, () => alias switch
        {
            ModelAliases.Challenger => registry.Withdraw(new AliasDecision(AuditLog.CallerName(user), reason ?? ""), cancellation),
            _ when ModelAliases.All.Contains(alias) => throw new RegistryException(RegistryErrorKind.Conflict, $"The alias {alias} cannot be removed; only challenger can."),
            _ => throw new RegistryException(RegistryErrorKind.NotFound, ModelAliases.NotFoundMessage(alias)),
        });

    private static Task<Results<Ok<AliasesResponse>, ProblemHttpResult>> RollBack(
        [Description("champion; no other alias can be rolled back."), Example(ModelAliases.Champion), ModelAlias] string alias,
        RollbackRequest request, ModelRegistry registry, ClaimsPrincipal user, CancellationToken cancellation) =>
        Respond(registry, cancellation, () => alias switch
        {
            ModelAliases.Champion => registry.RollBack(new AliasDecision(AuditLog.CallerName(user), request.Reason ?? "", ExpectedVersion: request.Seen), cancellation),
            _ when ModelAliases.All.Contains(alias) => throw new RegistryException(RegistryErrorKind.Conflict, $"The alias {alias} cannot be rolled back; only champion can."),
            _ => throw new RegistryException(RegistryErrorKind.NotFound, ModelAliases.NotFoundMessage(alias)),
        });

    private static async Task<Results<Ok<AliasesResponse>, ProblemHttpResult>> Respond(
        ModelRegistry registry, CancellationToken cancellation, Func<Task<IReadOnlyList<AliasChange>>> move)
    {
        try
        {
            var changes = await move();
            return TypedResults.Ok(new AliasesResponse(changes, await registry.ReadAliases(cancellation)));
        }
        catch (RegistryException rejected)
        {
            return RegistryProblems.Of(rejected);
        }
    }
}

/// <param name="Reason">Required.</param>
/// <param name="Force">Promotes a version even when its gate verdict is not PROMOTE.</param>
/// <param name="Seen">
/// The version that the alias named when you decided; the request fails when the alias has moved since. Omit it to skip the check.
/// </param>
internal sealed record AliasMoveRequest(int Version, string? Reason = null, bool Force = false, int? Seen = null);

/// <inheritdoc cref="AliasMoveRequest"/>
internal sealed record RollbackRequest(string? Reason = null, int? Seen = null);

/// <param name="Changes">The aliases that moved; empty when nothing had to change.</param>
/// <param name="Aliases">The version that each alias names now.</param>
internal sealed record AliasesResponse(IReadOnlyList<AliasChange> Changes, CurrentAliases Aliases);

/// <inheritdoc cref="AliasAssignment"/>
public sealed record AliasMoveResponse(
    long Id, [property: ModelAlias] string Alias, int Version, DateTimeOffset AssignedAt, DateTimeOffset? EndedAt, string AssignedBy,
    string Reason, bool IsForced, GateDecision? Evidence,
    string? EndedBy, string? EndReason)
{
    internal static AliasMoveResponse Of(AliasAssignment a) => new(
        a.AliasAssignmentId, a.Alias, a.Version, a.AssignedAt, a.EndedAt, a.AssignedBy, a.Reason, a.IsForced, a.Evidence, a.EndedBy, a.EndReason);
}

/// <inheritdoc cref="VersionPage"/>
public sealed record AliasMovePage(IReadOnlyList<AliasMoveResponse> Moves, string? Next);
