using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// The answer to a request with an <c>Idempotency-Key</c> (IETF draft "The Idempotency-Key HTTP Header Field"), stored in the transaction of
/// its rows: whoever asks again with the key gets these bytes, and no second row.
/// </summary>
public sealed class KeyedAnswer
{
    /// <summary>Whose key it is: callers do not see each other's. Those without a name share one, the empty one.</summary>
    public required string Caller { get; init; }
    public required string Key { get; init; }

    /// <summary>Of what was asked: address and body. Another question under the same key is a mistake of the caller's.</summary>
    public required byte[] RequestSha256 { get; init; }

    /// <summary>The body of the answer.</summary>
    public required byte[] Answer { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class KeyedAnswerTable : IEntityTypeConfiguration<KeyedAnswer>
{
    public void Configure(EntityTypeBuilder<KeyedAnswer> answers)
    {
        answers.ToTable("keyed_answers");
        answers.HasKey(answer => new { answer.Caller, answer.Key });
        answers.HasIndex(answer => answer.CreatedAt); // what is too old is found by it
    }
}
