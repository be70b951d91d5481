using Microsoft.AspNetCore.Http.HttpResults;

namespace Titanic.Web.Registry;

/// <summary>What the registry refuses, as problems (RFC 9457).</summary>
internal static class RegistryProblems
{
    public static ProblemHttpResult Of(RegistryRefusedException refused) => TypedResults.Problem(refused.Message, statusCode: StatusOf(refused.Kind));

    /// <summary>For pages as well.</summary>
    public static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Unclear => StatusCodes.Status400BadRequest,
        RefusalKind.Missing => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.Unfit => StatusCodes.Status422UnprocessableEntity,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such refusal."),
    };
}
