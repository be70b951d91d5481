namespace Titanic.Web.Registry;

/// <summary>
/// Reads a version's bytes and answers its input example by them. The registry knows bytes, not learners, so it is handed this by a folder
/// that knows them; without it, it could neither register nor promote.
/// </summary>
/// <exception cref="InvalidDataException">The bytes are damaged, or no model that this code can read; a sentence.</exception>
public delegate VersionTrial TryVersion(ModelVersion version);

/// <param name="Answer">The input example with the answer that the bytes give now.</param>
/// <param name="WhyNotServe">A sentence where such a model cannot be put in service; null where it can.</param>
public sealed record VersionTrial(InputExample Answer, string? WhyNotServe);
