namespace Titanic.Web.Serving.Protocols;

/// <summary>A body that cannot be answered; nothing of it was.</summary>
/// <param name="sentence">For the caller: what was seen and what is allowed.</param>
/// <param name="status">HTTP's.</param>
internal sealed class RefusedRequestException(string sentence, int status = StatusCodes.Status400BadRequest) : Exception(sentence)
{
    /// <summary>For endpoints whose readers throw it.</summary>
    public static async ValueTask<object?> AsProblem(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation);
        }
        catch (RefusedRequestException refused)
        {
            return refused.Problem();
        }
    }

    private IResult Problem() => TypedResults.Problem(Message, statusCode: status);
}
