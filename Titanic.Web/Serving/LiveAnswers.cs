using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>What a version said, live, about passengers of the stream whose outcome is known by now.</summary>
public sealed class LiveAnswers(NpgsqlDataSource postgres)
{
    /// <summary>So many of the newest are read: what a version was long ago does not matter, and the cost must not grow.</summary>
    public const int Most = 1000;

    private const string Newest =
        $"""
        select a.pclass, a.sex, a.age, a.fare, {PersonSplit.Fold}, a.survived, a.probability, o.survived
        from predictions a
        join passengers p on p.passenger_id = a.passenger_id and p.superseded_by is null
        join outcomes o on o.passenger_id = a.passenger_id and o.superseded_by is null
        where a.model_name = @model and a.model_version = @version and a.is_live
          and p.commit_id <= @as_of and o.commit_id <= @as_of and o.known_at < @known_before
        order by a.prediction_id desc limit @most
        """;

    /// <param name="definition">Only passengers and outcomes that it knows.</param>
    /// <returns>At most <see cref="Most"/>, newest first.</returns>
    public async Task<IReadOnlyList<LiveAnswer>> Of(int version, TrainingDatasetDefinition definition, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Newest);
        PersonSplit.AddFoldTo(command.Parameters);
        command.Parameters.AddWithValue("model", ModelRegistry.ModelName);
        command.Parameters.AddWithValue("version", version);
        command.Parameters.AddWithValue("most", Most);
        command.Parameters.AddWithValue("as_of", definition.AsOfCommitId);
        command.Parameters.AddWithValue("known_before", definition.KnownBefore.ToUniversalTime());
        var answers = new List<LiveAnswer>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            answers.Add(new LiveAnswer(
                reader.GetInt16(0), SexConverter.Read(reader.GetString(1)), reader.IsDBNull(2) ? null : reader.GetDouble(2), reader.IsDBNull(3) ? null : reader.GetDouble(3),
                reader.GetInt32(4), reader.GetBoolean(5), reader.GetDouble(6), reader.GetBoolean(7)));
        }
        return answers;
    }
}

/// <summary>A question as it was asked, the answer as it was given, and what happened.</summary>
/// <param name="Fold">Of the person; see <see cref="PersonSplit.FoldOf"/>.</param>
/// <param name="Said">Survived, by the version's answer.</param>
public sealed record LiveAnswer(int Pclass, Sex Sex, double? AgeInYears, double? FareInPounds, int Fold, bool Said, double Probability, bool Survived);
