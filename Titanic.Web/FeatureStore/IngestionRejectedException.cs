namespace Titanic.Web.FeatureStore;

/// <summary>
/// An ingestion was rejected: it has no valid row, or the policy is STRICT and an expectation is not met. No row was stored; the validation
/// report and the rejected rows were.
/// </summary>
public sealed class IngestionRejectedException : Exception
{
    /// <summary>No row is valid.</summary>
    public IngestionRejectedException(long validationId, int rowsRejected)
        : base($"No row is valid: {Quantity.Of(rowsRejected, "rejected row")}. Nothing was stored; see validation {validationId}.") =>
        (ValidationId, RowsRejected) = (validationId, rowsRejected);

    /// <summary>The policy is STRICT and expectations are not met.</summary>
    public IngestionRejectedException(long validationId, int rowsRejected, IReadOnlyList<string> failedExpectations)
        : base($"The policy STRICT rejected the ingestion: {Quantity.Of(rowsRejected, "rejected row")}; "
            + $"expectations not met: {string.Join(", ", failedExpectations)}. Nothing was stored; see validation {validationId}.") =>
        (ValidationId, RowsRejected) = (validationId, rowsRejected);

    public long ValidationId { get; }
    public int RowsRejected { get; }
}
